import { describe, expect, it } from 'vitest';

import {
  hasGap,
  interrupted,
  KEPT_MS,
  NO_TRAFFIC,
  peaks,
  plotRuns,
  ratesNow,
  type TrafficLog,
  withTraffic,
} from './traffic';

const IN_FRONT = true;
const BEHIND = false;

/** Counters, in kB sent and received, at seconds. */
type Told = [atS: number, upKb: number, downKb?: number];

const heardAt = (isInFront: boolean, log: TrafficLog, ...told: Told[]) =>
  told.reduce(
    (before, [atS, upKb, downKb = 0]) =>
      withTraffic(before, { up_bytes: upKb * 1000, down_bytes: downKb * 1000 }, atS * 1000, isInFront),
    log,
  );
const heard = (log: TrafficLog, ...told: Told[]) => heardAt(IN_FRONT, log, ...told);
const heardBehind = (...told: Told[]) => heardAt(BEHIND, NO_TRAFFIC, ...told);
const logOf = (...told: Told[]) => heard(NO_TRAFFIC, ...told);
const kbNow = (log: TrafficLog, atS: number, isInFront = IN_FRONT) => {
  const rates = ratesNow(log, atS * 1000, isInFront);
  return rates === null ? null : [rates.upPerS / 1000, rates.downPerS / 1000];
};
/** What is drawn: of each run the second and the rate, in kB sent, that ends there. */
const drawn = (log: TrafficLog, atS: number, isInFront = IN_FRONT) =>
  plotRuns(log, atS * 1000, isInFront).map((run) =>
    run.map(({ atMs, upPerS }) => [atMs / 1000, upPerS / 1000]),
  );

describe('the rate of the moment', () => {
  it('is not known before there are two looks to compare', () => {
    expect(kbNow(NO_TRAFFIC, 0)).toBeNull();
    expect(kbNow(logOf([0, 700]), 1)).toBeNull();
    expect(kbNow(logOf([0, 700], [2, 900, 40]), 3)).toEqual([100, 20]);
  });

  it('is an average of the last seconds, or of the last stretch where that is longer', () => {
    expect(kbNow(logOf([0, 0], [2, 900], [4, 900], [6, 1000], [8, 1200]), 8)).toEqual([75, 0]);
    expect(kbNow(heardBehind([0, 0], [2, 900], [17, 1050]), 17)).toEqual([10, 0]);
  });

  it('is none after a silence, as the shell tells of every change; behind other windows it looks less often', () => {
    const log = logOf([0, 0], [2, 200]);
    expect(kbNow(log, 6.9)).toEqual([100, 0]);
    expect(kbNow(log, 7)).toEqual([0, 0]);
    expect(kbNow(log, 21, BEHIND)).toEqual([100, 0]);
    expect(kbNow(log, 22, BEHIND)).toEqual([0, 0]);
    expect(kbNow(logOf([0, 700]), 5)).toEqual([0, 0]);
  });

  it('is not known while nobody tells, however long', () => {
    const log = interrupted(logOf([0, 0], [2, 200]));
    expect(kbNow(log, 3)).toBeNull();
    expect(kbNow(log, 500)).toBeNull();
    // Nor does what comes next follow from before.
    expect(kbNow(heard(log, [500, 9000]), 501)).toBeNull();
    expect(kbNow(heard(log, [500, 9000], [502, 9100]), 502)).toEqual([50, 0]);
  });
});

describe('what is told late', () => {
  it('says neither how fast it moved nor that nothing did', () => {
    const late = logOf([0, 0], [2, 200], [32, 9000]);
    expect(kbNow(late, 32)).toBeNull();
    expect(drawn(late, 33)).toEqual([
      [
        [0, 100],
        [2, 100],
      ],
    ]);
    expect(hasGap(late, 33_000)).toBe(true);
    expect(kbNow(heard(late, [34, 9100]), 34)).toEqual([50, 0]);
    // Six seconds are three looks, of which two may be missed.
    expect(kbNow(logOf([0, 0], [6, 600]), 6)).toEqual([100, 0]);
    expect(kbNow(logOf([0, 0], [6.1, 600]), 6.1)).toBeNull();
  });

  it('is what the shell knows of a window behind others, and of one where nothing has moved', () => {
    expect(kbNow(heardBehind([0, 0], [45, 450]), 45)).toEqual([10, 0]);
    expect(kbNow(heardBehind([0, 0], [46, 460]), 46)).toBeNull();
    expect(drawn(logOf([0, 0], [2, 200], [60, 200], [62, 400]), 62)).toEqual([
      [
        [0, 100],
        [2, 100],
        [60, 0],
        [62, 100],
      ],
    ]);
  });
});

describe('what is drawn', () => {
  it('are the rates between looks, and nothing where there is only one', () => {
    expect(drawn(logOf([0, 700]), 1)).toEqual([]);
    expect(drawn(logOf([0, 700], [2, 900], [6, 900], [8, 1000]), 8)).toEqual([
      [
        [0, 100],
        [2, 100],
        [6, 0],
        [8, 50],
      ],
    ]);
  });

  it('goes on at nothing through a silence', () => {
    expect(drawn(logOf([0, 0], [2, 200]), 60)).toEqual([
      [
        [0, 100],
        [2, 100],
        [60, 0],
      ],
    ]);
  });

  it('has nothing of what is older than it shows, which a long silence leaves', () => {
    const log = logOf([0, 0], [2, 900], [4, 1000]);
    expect(drawn(log, 303)).toEqual([
      [
        [3, 50],
        [4, 50],
        [303, 0],
      ],
    ]);
    expect(drawn(log, 600)).toEqual([
      [
        [300, 0],
        [600, 0],
      ],
    ]);
    expect(drawn(interrupted(log), 600)).toEqual([]);
  });

  it('has a gap and no line through the time in which nobody told', () => {
    const log = interrupted(logOf([0, 0], [2, 200]));
    expect(drawn(log, 100)).toEqual([
      [
        [0, 100],
        [2, 100],
      ],
    ]);
    expect(hasGap(log, 100_000)).toBe(true);
    const after = heard(log, [100, 90_000], [102, 90_400]);
    expect(drawn(after, 102).map((run) => run[0])).toEqual([
      [0, 100],
      [100, 200],
    ]);
    expect(hasGap(after, 102_000)).toBe(true);
    expect(hasGap(after, 100_000 + KEPT_MS)).toBe(false);
    expect(hasGap(logOf([0, 0], [2, 200]), 2000)).toBe(false);
  });

  it('begins anew when a counter goes back: the node was started again', () => {
    const log = logOf([0, 0, 900], [2, 200, 900], [4, 300, 10], [6, 500, 30]);
    expect(drawn(log, 6)).toEqual([
      [
        [0, 100],
        [2, 100],
      ],
      [
        [4, 100],
        [6, 100],
      ],
    ]);
    expect(kbNow(log, 6)).toEqual([100, 10]);
    expect(peaks(plotRuns(log, 6000, IN_FRONT))).toEqual({ upPerS: 100_000, downPerS: 10_000 });
  });

  it('takes an old look that is told once more for no look, and makes no peak of it', () => {
    // Behind others until 30; then what is known is told at once, and the new look after it.
    const log = heardBehind([0, 0], [15, 150], [30, 150], [30.02, 300]);
    const peak = peaks(plotRuns(log, 30_020, IN_FRONT)).upPerS;
    expect(peak).toBeLessThan(10_001);
    // The same shortly after a look, with the new one just beyond the time of one.
    const twice = logOf([0, 0], [2, 20], [2.99, 20], [3.01, 30]);
    expect(peaks(plotRuns(twice, 3010, IN_FRONT)).upPerS).toBeLessThan(10_001);
    // Hidden before: what is told first is from then, too.
    const hidden = heard(interrupted(logOf([0, 0])), [600, 10], [600.02, 60_000], [602, 60_198]);
    expect(Math.round(peaks(plotRuns(hidden, 602_000, IN_FRONT)).upPerS)).toBe(100_000);
  });

  it('keeps looks that come by the quarter second apart by seconds', () => {
    const told = Array.from({ length: 40 }, (_, index): Told => [index / 4, index * 25]);
    const log = logOf(...told);
    expect(log.samples.length).toBeLessThanOrEqual(11);
    expect(peaks(plotRuns(log, 9750, IN_FRONT)).upPerS).toBeCloseTo(100_000);
  });

  it('forgets what is older than it shows, but for where the line comes from', () => {
    const told = Array.from({ length: 600 }, (_, index): Told => [index * 2, index]);
    const { samples } = logOf(...told);
    const firstMs = 599 * 2000 - KEPT_MS;
    expect(samples[0]?.atMs).toBe(firstMs);
    expect(samples[1]?.atMs).toBe(firstMs + 2000);
  });

  it('begins from nothing when the clock was set back', () => {
    expect(logOf([100, 0], [102, 5], [50, 6]).samples).toHaveLength(1);
  });
});
