import { create } from 'zustand';

import type { TransfersReport, UiError } from './bindings';
import { client } from './client';
import { toUiError } from './errors';

interface LiveTransfers {
  /** Null until the shell has answered once. */
  report: TransfersReport | null;
  error: UiError | null;
  set(report: TransfersReport): void;
  /** Asks again; for the first look, and after a command whose effect should be seen at once. */
  refresh(): Promise<void>;
}

/** Counters that change several times a second, outside of the query cache, which would render every screen. */
export const useLiveTransfers = create<LiveTransfers>()((set) => ({
  report: null,
  error: null,
  set: (report) => set({ report, error: null }),
  refresh: async () => {
    try {
      set({ report: await client.transfers(), error: null });
    } catch (thrown) {
      set({ error: toUiError(thrown) });
    }
  },
}));
