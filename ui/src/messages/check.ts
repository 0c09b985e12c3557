/** Looks at the hosts. One that is not thorough has them prove that they hold the parts, and may not call those whole. */
export const check = {
  now: 'Check now',
  thorough: 'Thorough check…',
  running: 'Checking…',
  stop: 'Stop the check',
  stopped: (what: string) => `${what}: the check was stopped. What it had found is in the library.`,
  about: (what: string) => `Checking at the hosts: ${what}. This can take minutes.`,
  result: (what: string, words: string) => `${what}: ${words}`,
  whole: (total: number, text: string) =>
    total === 1 ? 'its one part is there, and whole.' : `all ${text} parts are there, and whole.`,
  proven: (total: number, text: string) =>
    total === 1 ? 'its one part is proven to be there.' : `all ${text} parts are proven to be there.`,
  some: (passed: string, total: number, totalText: string, others: string) =>
    `${total === 1 ? 'its one part is not there whole' : `${passed} of ${totalText} parts are there, and whole`}; ${others}. The library now says what that means for the state.`,
  someProven: (passed: string, total: number, totalText: string, others: string) =>
    `${total === 1 ? 'its one part is not proven to be there' : `${passed} of ${totalText} parts are proven to be there`}; ${others}. The library now says what that means for the state.`,
  short: (count: number, text: string) =>
    count === 1
      ? 'cannot be brought back in full now: one segment has fewer parts on hosts than it needs.'
      : `cannot be brought back in full now: ${text} segments have fewer parts on hosts than they need.`,
  beside: (passed: string, total: number, totalText: string, others: string) =>
    `Of ${total === 1 ? 'the one part' : `the ${totalText} parts`} that could be asked for, ${passed} are there${others === '' ? '' : `; ${others}`}.`,
  nothing: 'there are no parts to check.',
  nobody:
    'no host answered. Your own connection may be away, so nothing is held against any. Check again later.',
  failed: (what: string) => `“${what}” could not be checked.`,
};

/** What a thorough check would read. */
export const thorough = {
  title: 'Check every part?',
  reads: (what: string, count: number, text: string, size: string) =>
    count === 1
      ? `${what}: a thorough check reads its one part from its host, ${size}.`
      : `${what}: a thorough check reads all ${text} parts from their hosts, ${size} in all.`,
  quick:
    '“Check now” reads next to nothing: the hosts prove with a small sample of each part, drawn at random, that they have it.',
  nothing: (what: string) => `${what}: there are no parts to check.`,
  later: 'Another check runs. This one can begin when that has ended.',
  confirm: 'Check every part',
};
