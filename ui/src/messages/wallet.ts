import type { WalletTransactionKind, WalletTransactionState } from '../ipc/bindings';

const kind: Record<WalletTransactionKind, string> = {
  payment: 'Payment',
  escrow: 'Deposits for storage',
  settlement: 'Agreements ended, money divided',
  proof: 'Proof on the ledger',
  claim: 'Receipt shown to the ledger',
  beacon: 'Question of a window published',
  keeping: 'Contract kept alive',
  other: 'Something else',
};

const state: Record<WalletTransactionState, string> = {
  pending: 'Not known yet',
  refused: 'Refused, and may still come for some minutes',
  done: 'Done',
  failed: 'Failed: only the fee is gone',
  never_sent: 'Not done',
  unknown: 'Nobody tells any more',
};

export const wallet = {
  heading: 'Wallet',
  none: 'This network has no money',
  noneAbout:
    'Its hosts store for free, so that there is nothing to pay and nothing to earn. On a network with a ledger, hosts may ask for lumens (XLM), and this is where yours are.',
  failed: 'What the account has could not be asked for.',
  balance: 'Balance',
  spendable: 'Can be spent',
  reserved: 'Stays in the account',
  reservedAbout:
    'The ledger keeps a base reserve in every account that is open: 1 XLM, and half of one for each entry that it holds besides. It comes free only when the account is closed.',
  escrow: 'In escrow',
  escrowAbout:
    'Deposits of storage agreements and your own collateral lie with the ledger’s contract. This is what would come back if all of them were divided by what is proven so far.',
  runway: 'Paid for',
  runwayDays: (count: number, text: string) => (count === 1 ? 'for 1 more day' : `for ${text} more days`),
  runwayNone: 'No storage is paid for',
  runwayAbout: 'Until the first storage agreement ends that has no next one yet.',
  ownKey:
    'This account is one that you brought along by its secret key. Your 24 words do not bring it back: keep that key.',
  contractShort: (day: string) =>
    `The network’s agreement contract is paid for until about ${day}. Whoever runs ‘layr ledger keep’ pays for more of it, for everybody.`,
  contractArchived:
    'The network’s agreement contract is archived: nothing is agreed on, proven or settled until somebody restores it with ‘layr ledger keep’.',
  closed: 'The account does not exist yet: the first payment to it, of at least 1 XLM, opens it.',
  fund: 'Get test money',
  funded: 'The account is open, and has test money.',
  receive: 'Receive',
  receiveAbout: 'Whoever pays you needs this address, and nothing else.',
  address: 'Address',
  copy: 'Copy the address',
  copied: 'The address is on the clipboard.',
  qr: (address: string) => `QR code of the address ${address}`,
  memo: 'Memo',
  send: {
    title: 'Send',
    about: 'You see what it comes to before anything is paid.',
    destination: 'To',
    destinationAbout: 'An account, which begins with G.',
    amount: 'Amount, in XLM',
    memo: 'Memo (not needed)',
    memoAbout: 'At most 28 letters, which everybody can read. Exchanges ask for one.',
    empty: 'Say whom to pay.',
    plan: 'See what it comes to…',
    planTitle: 'Pay this?',
    fee: 'Fee',
    feeWords: (fee: string, cap: string) => `${fee}, and at most ${cap} where the ledger has no room`,
    left: 'Left to spend',
    opens: 'That account does not exist yet: this opens it.',
    noBack: 'A payment cannot be taken back.',
    confirm: 'Pay',
    keep: 'Pay nothing',
    paid: (amount: string) => `Paid: ${amount}.`,
    safe: 'Nothing is paid twice: trying again asks for the same payment.',
    undecided: 'A payment is not decided yet: look at the history before you pay the same once more.',
  },
  history: {
    title: 'History',
    about:
      'What this computer signed for the ledger, the newest first. What others paid you shows in the balance.',
    empty: 'Nothing was signed for the ledger yet.',
    failed: 'The history could not be read.',
    more: 'Older ones are not shown.',
    when: 'Signed',
    what: 'What',
    amount: 'Amount',
    fee: 'Fee',
    state: 'What became of it',
    to: (account: string) => `to ${account}`,
    transaction: 'Transaction',
    ledger: 'Ledger',
    kind,
    states: state,
  },
} as const;
