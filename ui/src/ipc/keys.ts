/** Names under which answers are kept. The events of the shell make them stale. */
export const keys = {
  shell: ['shell'],
  networks: ['networks'],
  library: ['library'],
  file: (id: string) => ['library', 'file', id],
  versions: (id: string) => ['library', 'file', id, 'versions'],
  bandwidth: ['bandwidth'],
  hosting: ['hosting'],
  agreements: ['agreements'],
  /** Of the account. */
  money: ['money'],
  wallet: ['money', 'wallet'],
  walletHistory: ['money', 'history'],
  hosts: ['hosts'],
  activity: ['activity'],
  /** Stale with it. */
  activityCounts: ['activity', 'counts'],
  settings: ['settings'],
} as const;
