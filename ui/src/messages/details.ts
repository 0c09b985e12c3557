/** The pane of one file. */
export const details = {
  heading: 'Details',
  empty: 'Choose one item to see where its parts lie.',
  emptyTrash: 'Choose one item to see when it is deleted for good.',
  many: 'Choose a single item to see its details.',
  fullName: 'Full name',
  kind: 'Kind',
  size: 'Size',
  modified: 'Modified',
  deleted: 'Removed',
  expires: 'Deleted for good',
  version: 'Version',
  state: 'State',
  id: 'File id',
  parts: 'Parts',
  segment: (index: number, count: number) => `Segment ${index} of ${count}`,
  moreSegments: (count: number, text: string) =>
    count === 1
      ? '1 more segment is at least as healthy as these.'
      : `${text} more segments are at least as healthy as these.`,
  noParts: 'There is no content to keep, so there are no parts.',
  where: 'Where the parts lie',
  part: 'Part',
  host: 'Host',
  partState: 'State',
  lastCheck: 'Last checked',
  neverChecked: 'Never',
  failed: {
    missing: 'lost for good',
    corrupt: 'damaged for good',
    written_off: 'given up: away too long',
  },
  questionOpen: 'not answered yet',
  notPlaced: 'Not placed',
  survives: (spare: number, spareText: string, alive: string) =>
    spare === 1
      ? `It survives the loss of any one of its ${alive} stored parts.`
      : `It survives the loss of any ${spareText} of its ${alive} stored parts.`,
  onlyHere: 'All parts are on this computer. If it is lost, so is the file.',
  survivesNone: 'One more lost part makes it unreadable.',
  about: (odds: string) => `about 1 in ${odds}`,
  // `LEAST_CHANCE` in words.
  least: 'less than 1 in a million million million',
  chance: (odds: string) => `The chance to lose it within a year is ${odds}.`,
  chanceAssumed: (odds: string) =>
    `By what is assumed of hosts, the chance to lose it within a year is ${odds}.`,
  chanceHigh: 'It is more likely than not to be lost within a year.',
  rests: 'What this figure rests on',
  days: (count: number, text: string) => (count === 1 ? '1 day' : `${text} days`),
  lifeAssumed: (days: string) =>
    `A host stays ${days} on average. That is assumed until more is known of the hosts of your files.`,
  lifeMeasured: (days: string) => `A host stays ${days} on average, as measured at the hosts of your files.`,
  together:
    'Hosts go one by one. They may fail together, by one fault or in one place, and that is not in the figure.',
  repairedIn: (days: string) =>
    `Once repair is due, lost parts are made again in ${days} on average. For that Layr must run here and find hosts.`,
  awayIsLost: 'A part that does not answer now counts as lost.',
  sharedWithYou: 'What somebody shared with you is theirs to repair, so no repair is reckoned with.',
  stale:
    'Waiting for a check: for 14 days too few hosts have shown that they still hold the parts. Enough of them were there until then.',
  ofOthers: 'If somebody shared it with you, it is theirs to repair.',
  lost: 'It cannot be brought back from what can be reached now: fewer parts are there than it needs.',
};
