const segments = (count: number, text: string) => (count === 1 ? 'One segment' : `${text} segments`);

/** Making lost parts again. */
export const repair = {
  now: 'Repair…',
  running: 'Repairing…',
  stop: 'Stop the repair',
  stopped: (what: string) => `${what}: the repair was stopped. What it had made again is kept.`,
  about: (what: string) => `Repairing: ${what}. This can take minutes.`,
  result: (what: string, words: string) => `${what}: ${words}`,
  done: (count: number, text: string) =>
    count === 1
      ? '1 part was made again, and its new host has proved to have it.'
      : `${text} parts were made again, and their new hosts have proved to have them.`,
  nothing: 'no part was made again.',
  withoutHost: (count: number, text: string) =>
    `${segments(count, text)} ${count === 1 ? 'waits' : 'wait'} for more hosts with room. Repair again when more are in reach.`,
  short: (count: number, text: string) =>
    `${segments(count, text)} cannot be repaired now: fewer parts answer than it takes. Hosts that are only switched off may be back later.`,
  busy: (count: number, text: string) =>
    `${segments(count, text)} ${count === 1 ? 'is' : 'are'} being sent or repaired already.`,
  damaged: (count: number, text: string) =>
    `${segments(count, text)} cannot be repaired: the parts that answer do not fit together.`,
  failed: (what: string) => `“${what}” could not be repaired.`,
};

/** What a repair would do. */
export const repairPlan = {
  title: 'Repair now?',
  does: (what: string, count: number, text: string, inSegments: number, inText: string) =>
    `${what}: ${count === 1 ? '1 part that is lost or out of reach is' : `${text} parts that are lost or out of reach are`} made again${
      inSegments === 1 ? '' : `, in ${inText} segments`
    }, and brought to hosts that hold none of the same segment.`,
  moves: (read: string, sent: string) => `This reads ${read} of the parts that are left, and sends ${sent}.`,
  withoutHost: (count: number, text: string) =>
    count === 1
      ? '1 part has to wait: no other host that has room is in reach.'
      : `${text} parts have to wait: too few other hosts that have room are in reach.`,
  short: (count: number, text: string) =>
    `${segments(count, text)} ${count === 1 ? 'has' : 'have'} fewer parts in reach than it takes. A repair asks for all of them once more, and succeeds only if enough answer.`,
  ofOthers: (count: number, text: string) =>
    `${segments(count, text)} ${count === 1 ? 'was' : 'were'} stored by somebody else: only they can repair ${count === 1 ? 'it' : 'them'}.`,
  nothing: (what: string) =>
    `${what}: no part is lost or out of reach, as far as is known. “Check now” asks the hosts.`,
  paused: 'Transfers are paused. This repair is carried out all the same.',
  later: 'Another repair runs. This one can begin when that has ended.',
  confirm: 'Repair',
};
