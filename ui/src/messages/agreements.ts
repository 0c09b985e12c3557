import type { AgreementPhase, AgreementWindow } from '../ipc/bindings';

const phase: Record<AgreementPhase, string> = {
  proposed: 'Asked for: nobody has signed it',
  opening: 'Being opened',
  active: 'Runs',
  ending: 'Over: its money is being divided',
  grace: 'Ended; the host keeps what it has for a week after the term',
  ended: 'Ended',
  dropped: 'Came to nothing',
};

const window: Record<AgreementWindow, string> = {
  proven: 'proven',
  missed: 'missed',
  deciding: 'being decided',
  running: 'running',
  to_come: 'to come',
};

export const agreements = {
  heading: 'Agreements',
  none: 'Hosts store for free here',
  noneAbout:
    'This network has no ledger: nothing is paid and nothing agreed on. On one with a ledger, what you and each host agreed on stands here: the price, the windows that were proven, and the money.',
  failed: 'The agreements could not be read.',
  about:
    'An agreement runs for 13 windows of a week, where you do not ask for another number. In each the host proves to the ledger’s rules that it still has your data, and earns that week’s rent. What it does not earn comes back to you.',
  notProven:
    'A proof shows that a host had your data when it was asked. It does not show that the host answers downloads, how fast, or that it is there between two questions. On a public ledger, accounts and amounts can be seen by everybody, for ever.',
  empty: 'No agreement yet',
  emptyNothing:
    'Nothing may be spent yet, so that only hosts that are free store your files. Say below what a host may ask for and what a month may cost; then hosts that want to be paid are used too.',
  emptyAllowed:
    'Some minutes after files are stored with hosts that ask for money, what was agreed on with each of them stands here.',
  asOwner: 'What you pay for',
  asHost: 'What you are paid for',
  ended: (text: string) => `Ended: ${text}`,
  check: 'Check now',
  checking: 'Looks at what is due…',
  renew: 'Renew…',
  renewAll: 'Renew all…',
  export: 'Export CSV…',
  exported: (text: string, path: string) => `${text} agreements were written to ${path}.`,
  runway: {
    title: 'Paid for',
    days: (count: number, text: string) => (count === 1 ? 'For 1 more day' : `For ${text} more days`),
    over: 'The first agreement is over, and nothing follows it',
    none: 'Nothing is paid for.',
    about:
      'Until the first agreement ends that has no next one yet. Its host is not paid after that, and need not keep your data.',
    nextTerm: (amount: string) =>
      `One more term with these hosts costs ${amount} of rent, at what they store and ask now; fees come on top. Renew shows what it would put into escrow.`,
    afterwards: 'What is not renewed is kept for a week after the end; then hosts may delete it.',
    ends: (parts: string) => `When agreements end: ${parts}`,
    end: (text: string, day: string) => `${text} on ${day}`,
    now: 'now',
  },
  limits: {
    title: 'What may be spent',
    about: 'Within these limits hosts are paid without another question. What was agreed on before stays.',
    price: 'Most for a GiB and month, in XLM',
    priceAbout: '0 means only hosts that are free.',
    cap: 'Most in 30 days, in XLM',
    capAbout: '0 means nothing. The ledger’s fees count in it.',
    fees: (amount: string) => `In the last 30 days the ledger took ${amount} in fees.`,
    renew: 'Renew agreements by themselves',
    renewAbout:
      'The next term is agreed on three weeks before one ends, within these limits. Without it agreements end unless you renew them.',
    save: 'Save',
    saved: 'Saved.',
    unchanged: 'Nothing was changed.',
  },
  states: phase,
  windows: window,
  windowsName: 'Windows',
  strip: (total: string, parts: string) => `${total} windows: ${parts}`,
  windowPart: (count: string, what: string) => `${count} ${what}`,
  withHost: 'Host',
  withOwner: 'Owner',
  price: 'Price',
  size: 'Size',
  term: 'Term',
  from: (start: string, end: string) => `${start} to ${end}`,
  ends: (day: string) => `Ends ${day}`,
  nextProof: 'Next proof',
  proofDue: (from: string, until: string) => `between ${from} and ${until}`,
  renewable: 'Can be renewed',
  renewableFrom: (day: string) => `from ${day}`,
  deposit: 'Put in by the owner',
  collateral: 'Put in by the host',
  held: 'Held by the ledger',
  paid: 'Earned by the host',
  left: 'Left of the deposit',
  rent: 'Rent of a window',
  miss: 'A missed window',
  missWords: (rent: string, collateral: string, allowed: number) =>
    allowed === 1
      ? `loses its rent of ${rent}; from the second one on also ${collateral} of the collateral`
      : `loses its rent of ${rent}; beyond ${allowed} also ${collateral} of the collateral`,
  autoRenew: 'Renewed by itself',
  yes: 'Yes',
  no: 'No',
  escrow: 'Escrow',
  details: 'Details',
  money: (held: string, paid: string, left: string) => `${held} held · ${paid} earned · ${left} left`,
  plan: {
    title: 'Renew these agreements?',
    loading: 'What it would cost is being counted…',
    nothing:
      'There is nothing to renew now. An agreement can be renewed in the last 30 days of its term, once, and only within what may be spent.',
    host: 'Host',
    term: 'Term',
    price: 'Price',
    deposit: 'Put in',
    next: 'Next term',
    fresh: 'New: data that nobody is paid for yet',
    total: 'Put into escrow',
    totalAbout: 'What hosts do not earn of it comes back when the term ends.',
    fees: 'Fees',
    feesWords: (cap: string) => `at most ${cap}`,
    spendable: 'You can spend',
    missing: (amount: string) =>
      `${amount} are missing for all that the limits allow. Add funds, or renew fewer.`,
    asked: 'Each host is asked once more; one that asks for more than your limit is left out.',
    confirm: 'Renew',
    keep: 'Renew nothing',
  },
  report: {
    nothing: 'Nothing was due.',
    opened: (count: number, text: string, deposit: string) =>
      count === 1
        ? `1 agreement opened, with ${deposit} put in.`
        : `${text} agreements opened, with ${deposit} put in.`,
    proven: (text: string) => `Windows proven: ${text}.`,
    missed: (text: string) => `Windows missed: ${text}.`,
    settled: (text: string) => `Agreements whose money was divided: ${text}.`,
    obstacles: 'Not now; it is tried again:',
    obstacle: (host: string, reason: string) => `${host}: ${reason}`,
  },
} as const;
