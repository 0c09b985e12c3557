import { describe, expect, it } from 'vitest';

import { fakeTransfer } from '../testing/fakeReports';
import { type EtaWatch, watchEta, watchEtas } from './eta';

const SECOND_MS = 1000;

/** Reports one rate after the other, a second apart, and returns what is shown after the last. */
function after(rates: readonly (number | null)[], startMs = 0): number | null {
  let watch: EtaWatch | undefined;
  for (const [index, rate] of rates.entries()) {
    const transfer = fakeTransfer({ rate_bytes_per_s: rate, eta_s: rate === null ? null : 1_000_000 / rate });
    watch = watchEta(watch, transfer, startMs + index * SECOND_MS);
  }
  return watch?.shownS ?? null;
}

const steadily = (count: number) => Array.from({ length: count }, () => 1000);

describe('the remaining time', () => {
  it('is not said before it has been measured for ten seconds', () => {
    expect(after(steadily(10))).toBeNull();
    expect(after(steadily(11))).toBe(1000);
  });

  it('is hidden while the speed swings, and comes back when it is calm again', () => {
    expect(after([...steadily(12), 2500])).toBeNull();
    expect(after([...steadily(12), 2500, ...steadily(9)])).toBeNull();
    expect(after([...steadily(12), 2500, ...steadily(10)])).toBe(1000);
  });

  it('begins anew after a standstill', () => {
    expect(after([...steadily(12), null])).toBeNull();
    expect(after([...steadily(12), null, ...steadily(5)])).toBeNull();
  });

  it('begins anew when the window comes back after it was hidden', () => {
    const hiddenMs = 60 * SECOND_MS;
    let watch: EtaWatch | undefined;
    const calm = fakeTransfer({ rate_bytes_per_s: 1000, eta_s: 1000 });
    for (const second of Array(12).keys()) {
      watch = watchEta(watch, calm, second * SECOND_MS);
    }
    expect(watch?.shownS).toBe(1000);
    watch = watchEta(watch, calm, hiddenMs);
    expect(watch?.shownS).toBeNull();
    watch = watchEta(watch, calm, hiddenMs + 9 * SECOND_MS);
    expect(watch?.shownS).toBeNull();
    expect(watchEta(watch, calm, hiddenMs + 10 * SECOND_MS)?.shownS).toBe(1000);
  });

  it('changes at most once a second', () => {
    const calm = fakeTransfer({ rate_bytes_per_s: 1000, eta_s: 60 });
    const shown = {
      measuredSinceMs: 0,
      rates: [{ atMs: 19_500, rate: 1000 }],
      shownAtMs: 20_000,
      shownS: 61,
    };
    expect(watchEta(shown, calm, 20_500)?.shownS).toBe(61);
    expect(watchEta(shown, calm, 21_000)?.shownS).toBe(60);
  });

  it('is forgotten with its transfer', () => {
    const moving = fakeTransfer({ id: 3, rate_bytes_per_s: 1, eta_s: 1 });
    const watches = watchEtas({}, [moving], 0);
    expect(Object.keys(watches)).toEqual(['3']);
    expect(watchEtas(watches, [{ ...moving, state: 'paused' }], 1)).toEqual({});
  });
});
