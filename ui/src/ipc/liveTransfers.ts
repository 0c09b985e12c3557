import { create } from 'zustand';

import type { TransfersReport, UiError } from './bindings';
import { client } from './client';
import { toUiError } from './errors';
import { type EtaWatches, watchEtas } from '../lib/eta';

interface LiveTransfers {
  /** Null until the shell has answered once. */
  report: TransfersReport | null;
  /** The remaining times that can be believed, carried on from one report to the next. */
  etas: EtaWatches;
  error: UiError | null;
  set(report: TransfersReport): void;
  /** Asks again; for the first look, and after a command whose effect should be seen at once. */
  refresh(): Promise<void>;
}

// What was asked for before the shown report came is old, however late its answer is.
let clock = 0;
let shownSince = 0;

/** Counters that change several times a second, outside of the query cache, which would render every screen. */
export const useLiveTransfers = create<LiveTransfers>()((set, get) => ({
  report: null,
  etas: {},
  error: null,
  set: (report) => {
    clock += 1;
    shownSince = clock;
    set(arrived(report, get().etas));
  },
  refresh: async () => {
    clock += 1;
    const askedAt = clock;
    const settle = (change: Partial<LiveTransfers>) => {
      if (askedAt >= shownSince) {
        shownSince = askedAt;
        set(change);
      }
    };
    try {
      const report = await client.transfers();
      settle(arrived(report, get().etas));
    } catch (thrown) {
      settle({ error: toUiError(thrown) });
    }
  },
}));

function arrived(report: TransfersReport, before: EtaWatches) {
  return { report, etas: watchEtas(before, report.transfers, Date.now()), error: null };
}
