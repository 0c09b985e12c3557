import type { Traffic } from '../ipc/bindings';

/** How far back the traffic is kept and drawn. */
export const KEPT_MS = 300_000;
/** Time within which one look at the node takes the place of another: when a window comes back, an old one is told just before a new one. */
const ONE_LOOK_MS = 1000;
/** The span over which the rate of the moment is an average: the shell looks every two seconds, and more often while much happens. */
const MOMENT_MS = 5000;
/**
 * Silence after which nothing moves. The shell tells every change of a counter that it sees, and looks at least every
 * 2 s while the window is in front and every 15 s while it is behind others; the rest is for a computer that is busy.
 */
const QUIET_MS = 5000;
const QUIET_BEHIND_MS = 20_000;
/**
 * Three looks of the shell. What has moved after a longer silence moved at nobody knows what time of it: the computer
 * slept, or was too busy to look.
 */
const LONGEST_STRETCH_MS = 6000;
const LONGEST_STRETCH_BEHIND_MS = 45_000;

/** The counters of the node at one time. */
interface Sample {
  /** When it was first taken; within a moment of that a newer one takes its place. */
  sinceMs: number;
  atMs: number;
  upBytes: number;
  downBytes: number;
  /** Nothing is known of the time before it. */
  begins: boolean;
}

/** What was heard of the counters in the last minutes, the oldest first. */
export interface TrafficLog {
  samples: readonly Sample[];
  /** Nothing has been heard since, for another reason than that nothing moved. */
  isInterrupted: boolean;
}

export const NO_TRAFFIC: TrafficLog = { samples: [], isInterrupted: false };

/** The log with the counters as they are now. Counters that went back are those of another run of the node. */
export function withTraffic(
  { samples, isInterrupted }: TrafficLog,
  now: Traffic,
  atMs: number,
  isInFront: boolean,
): TrafficLog {
  const last = samples.at(-1);
  const sample = { sinceMs: atMs, atMs, upBytes: now.up_bytes, downBytes: now.down_bytes, begins: true };
  // A clock that was set back has made the future of what was kept.
  if (last === undefined || atMs < last.atMs) {
    return { samples: [sample], isInterrupted: false };
  }
  const isOther = now.up_bytes < last.upBytes || now.down_bytes < last.downBytes;
  const isSame = now.up_bytes === last.upBytes && now.down_bytes === last.downBytes;
  const isLate = atMs - last.atMs > (isInFront ? LONGEST_STRETCH_MS : LONGEST_STRETCH_BEHIND_MS);
  if (isInterrupted || isOther || (isLate && !isSame)) {
    return kept([...samples, sample], atMs);
  }
  if (atMs - last.sinceMs >= ONE_LOOK_MS) {
    return kept([...samples, { ...sample, begins: false }], atMs);
  }
  // What is told twice was true the first time.
  const { sinceMs, begins } = last;
  return kept([...samples.slice(0, -1), isSame ? last : { ...sample, sinceMs, begins }], atMs);
}

/** The log of which nobody knows how it goes on: nobody told while the window was hidden, or there is no node. */
export function interrupted(log: TrafficLog): TrafficLog {
  return log.isInterrupted || log.samples.length === 0 ? log : { ...log, isInterrupted: true };
}

/** The last of what is too old stays, as the time from it on is drawn. */
function kept(samples: readonly Sample[], nowMs: number): TrafficLog {
  const firstNew = samples.findIndex(({ atMs }) => atMs > nowMs - KEPT_MS);
  return { samples: samples.slice(Math.max(0, firstNew - 1)), isInterrupted: false };
}

export interface Rates {
  upPerS: number;
  downPerS: number;
}

const STILL: Rates = { upPerS: 0, downPerS: 0 };

function ratesBetween(from: Sample, to: Sample): Rates {
  const seconds = (to.atMs - from.atMs) / 1000;
  return {
    upPerS: (to.upBytes - from.upBytes) / seconds,
    downPerS: (to.downBytes - from.downBytes) / seconds,
  };
}

function isQuiet({ samples, isInterrupted }: TrafficLog, nowMs: number, isInFront: boolean): boolean {
  const last = samples.at(-1);
  const quietMs = isInFront ? QUIET_MS : QUIET_BEHIND_MS;
  return !isInterrupted && last !== undefined && nowMs - last.atMs >= quietMs;
}

/** How fast data moves at this time; null while that is not known. */
export function ratesNow(log: TrafficLog, nowMs: number, isInFront: boolean): Rates | null {
  if (isQuiet(log, nowMs, isInFront)) {
    return STILL;
  }
  const run = runs(log.samples).at(-1) ?? [];
  const [beforeLast, last] = run.slice(-2);
  if (log.isInterrupted || beforeLast === undefined || last === undefined) {
    return null;
  }
  const from = run.find(({ atMs }) => atMs >= last.atMs - MOMENT_MS && atMs < last.atMs);
  return ratesBetween(from ?? beforeLast, last);
}

function runs(samples: readonly Sample[]): Sample[][] {
  const found: Sample[][] = [];
  for (const sample of samples) {
    const run = found.at(-1);
    if (run === undefined || sample.begins) {
      found.push([sample]);
    } else {
      run.push(sample);
    }
  }
  return found;
}

/** The rates of the time that ends there. */
export interface PlotPoint extends Rates {
  atMs: number;
}

/** Stretches of time of which the rates are known without a gap, to be drawn as steps. */
export function plotRuns(log: TrafficLog, nowMs: number, isInFront: boolean): PlotPoint[][] {
  const drawn = runs(log.samples).map((run) => steps(run));
  if (isQuiet(log, nowMs, isInFront)) {
    const last = drawn.at(-1);
    last?.push({ atMs: nowMs, ...STILL });
  }
  return drawn.map((points) => since(nowMs - KEPT_MS, points)).filter((points) => points.length > 1);
}

/** Without what is older, as after a long silence much is. */
function since(beginMs: number, points: PlotPoint[]): PlotPoint[] {
  const recent = points.filter(({ atMs }) => atMs > beginMs);
  const [first] = recent;
  const isWhole = first === undefined || recent.length === points.length;
  return isWhole ? recent : [{ ...first, atMs: beginMs }, ...recent];
}

/** Where a run begins there is no rate yet: the line begins with that of its first stretch. */
function steps(run: readonly Sample[]): PlotPoint[] {
  const points = run.map((sample, index) => {
    const before = run[index - 1];
    return { atMs: sample.atMs, ...(before === undefined ? STILL : ratesBetween(before, sample)) };
  });
  const [first, second] = points;
  return first === undefined || second === undefined
    ? points
    : [{ ...second, atMs: first.atMs }, ...points.slice(1)];
}

/** The highest rates of what is drawn. */
export function peaks(drawn: readonly PlotPoint[][]): Rates {
  const highest = (rate: keyof Rates) => Math.max(0, ...drawn.flat().map((point) => point[rate]));
  return { upPerS: highest('upPerS'), downPerS: highest('downPerS') };
}

/** Whether time is missing in what is drawn. */
export function hasGap({ samples, isInterrupted }: TrafficLog, nowMs: number): boolean {
  const isDrawn = ({ atMs }: Sample) => atMs > nowMs - KEPT_MS;
  return isInterrupted || samples.slice(1).some((sample) => sample.begins && isDrawn(sample));
}
