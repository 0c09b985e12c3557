/** Amounts of lumens, wherever they stand. */
export const money = {
  xlm: (amount: string) => `${amount} XLM`,
  test: (amount: string) => `${amount} test XLM`,
  free: 'Free',
  perGib: (amount: string) => `${amount} for 1 GiB a month`,
  perMonth: (amount: string) => `${amount} a month`,
  testNote:
    'Test money: lumens of this network are for trying out. They are worth nothing, and nothing can be bought for them.',
  wrong: 'Type an amount such as 12 or 12.5, with at most 7 digits behind the point.',
} as const;
