/** What happened to the parts of a file. */
export const history = {
  heading: 'History',
  none: 'No loss, damage or move is on record.',
  more: (count: number, text: string) => (count === 1 ? '1 more' : `${text} more`),
  older: (count: number, text: string) =>
    count === 1 ? '1 older event is on record.' : `${text} older events are on record.`,
  part: (part: string) => `Part ${part}`,
  partOf: (part: string, segment: string) => `Part ${part} of segment ${segment}`,
  missing: (part: string) => `${part} was lost by its host.`,
  corrupt: (part: string) => `${part} was damaged at its host.`,
  written_off: (part: string) => `${part} was given up: its host was away too long.`,
  renewed: (part: string) => `${part} has a new copy at another host.`,
  moved: (part: string) => `${part} was moved off a host that leaves.`,
  host: 'host',
  before: 'before at',
  proven: (time: string) => `All stored parts were proven to be there on ${time} or later.`,
  provenAndRead: (proven: string, read: string) =>
    `All stored parts were proven to be there on ${proven} or later, and read in full on ${read} or later.`,
};
