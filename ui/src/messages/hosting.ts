export const hosting = {
  heading: 'Hosting',
  off: 'No space is lent to others.',
  offServing: 'No space is lent to others. What lies here is served on until its owners take it away.',
  away: 'The disk with what others stored is not there. Connect it and restart Layr; until then nothing is lent and nothing can be served.',
  awaySince:
    'The disk with what others stored is not there any more. Connect it again; until then nothing new is accepted and nothing can be served.',
  // The reason says itself that the space cannot be used and that nothing of it was changed.
  unusable: (reason: string) =>
    `${reason} Until that is put right nothing is lent and nothing can be served.`,
  awayQuota: 'To lend space of another disk, stop lending first.',
  about:
    'Hosting lends part of this computer’s disk to others. They see neither your files nor your keys, and what they store here is encrypted.',
  switchOn: 'Lend space',
  paused: 'By you: nothing new is accepted. What is stored here stays readable.',
  active: 'Space is lent. New parts are accepted while there is room.',
  full: 'Space is lent, but none is free: nothing new is accepted. What is stored here stays readable.',
  leaving: (until: string) =>
    `This computer leaves: nothing new is accepted, and owners bring what lies here to other hosts. Hosting stops when nothing is left, at the latest on ${until}. Keep Layr running until then.`,
  leftEarly:
    'No space is lent to others. Not everything was fetched in time: what lies here is served on until its owners take it away.',
  stay: 'Stay',
  pause: 'Pause hosting',
  resume: 'Resume hosting',
  space: 'Space',
  terms: 'Terms and limits',
  used: 'Used',
  reserved: 'Reserved',
  free: 'Free',
  quota: 'Lent at most',
  diskLimits: (left: string) =>
    `The disk, not the limit that you set, decides how much is free: it leaves ${left} for others.`,
  floor: (bytes: string) => `The last ${bytes} of free disk are never lent.`,
  shards: 'Parts stored',
  owners: 'Owners',
  price: 'Price',
  maxTerm: 'Longest term',
  days: (count: number, text: string) => (count === 1 ? '1 day' : `${text} days`),
  earnings: {
    title: 'Earnings',
    earned: 'Earned',
    earnedAbout: 'Also what is still in escrow: it is paid out when an agreement ends.',
    atRisk: 'At risk',
    atRiskAbout:
      'Your collateral in agreements that run. A missed window costs its rent; from the second one of a term on it also costs that window’s part of the collateral. After three in a row nothing more can be earned.',
    nextProof: 'Next proofs',
    nextProofAbout:
      'This computer has to be on and connected for some hours of that time. Owners ask it, and those who are silent are answered on the ledger.',
    noProof: 'None is due.',
    none: 'No agreement runs. Owners who store here agree with you on a term some minutes later.',
    failed: 'The agreements could not be read.',
    agreements: 'Agreements in which you are paid',
  },
  bar: (used: string, reserved: string, quota: string) => `${used} used and ${reserved} reserved of ${quota}`,
  stop: {
    button: 'Stop lending…',
    title: 'Stop lending space?',
    noNew: 'This computer takes no new data of others.',
    served: (bytes: string) =>
      `What lies here, ${bytes}, is served on until its owners take it away. Until then it takes up space on the disk.`,
    nothing: 'Nothing of others lies here.',
    reserved: (bytes: string) =>
      `For others ${bytes} are reserved. What they still store there is served on until they take it away.`,
    away: 'The disk with what others stored is not there. What lies on it can be served only if you connect the disk before you lend space again: space that is lent without it begins empty.',
    noDeletion: 'Nothing is deleted. You can lend space again at any time.',
    confirm: 'Stop lending',
    keep: 'Go on lending',
  },
  leave: {
    button: 'Leave…',
    title: 'Leave in good order?',
    noNew: 'This computer takes no new data of others, and tells owners that it leaves.',
    moved: (bytes: string) =>
      `What lies here, ${bytes}, is served on. Owners bring it to other hosts and then delete it here, as they come by: each looks once a day.`,
    nothing: 'Nothing of others lies here, so that hosting stops within a minute.',
    away: 'The disk with what others stored is not there. Owners can fetch nothing before you connect it.',
    end: 'When nothing is left, hosting stops by itself. It stops in any case when this time is over:',
    inTime: 'Stop at the latest in',
    times: { week: '7 days', fortnight: '14 days', month: '30 days', quarter: '90 days' },
    noDeletion:
      'Nothing is deleted then: what nobody fetched stays on the disk and is served while Layr runs. Until it stops you can decide to stay.',
    confirm: 'Leave',
    keep: 'Go on lending',
  },
  form: {
    quota: 'Space to lend, in GB',
    peerUp: 'Upload limit for each other computer, in kB a second',
    peerDown: 'Download limit for each other computer, in kB a second',
    term: 'Longest term, in days',
    price: 'Price for a GiB and month, in XLM',
    priceAbout: '0 lends for free. Agreements that run stay as they are.',
    collateral: 'Collateral, in percent of the rent of a term',
    collateralAbout:
      'What you put in for each agreement: it comes back, less a part for each window that you miss beyond the first. Owners trust more of it more.',
    collateralWrong: 'Type a whole number from 0 to 100.',
    quotaWrong: 'Type a number above 0, and not above 9 million.',
    termWrong: 'Type a whole number from 1 to 3650.',
  },
} as const;
