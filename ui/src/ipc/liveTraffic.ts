import { create } from 'zustand';

import { interrupted, NO_TRAFFIC, type TrafficLog, withTraffic } from '../lib/traffic';
import type { Traffic } from './bindings';

interface LiveTraffic {
  log: TrafficLog;
  hear(traffic: Traffic): void;
  /** From now on nobody tells: what comes next does not follow from what came last. */
  interrupt(): void;
}

/** What the node has sent and received in the last minutes. It is kept whether or not anything shows it. */
export const useLiveTraffic = create<LiveTraffic>()((set) => ({
  log: NO_TRAFFIC,
  hear: (traffic) => set(({ log }) => ({ log: withTraffic(log, traffic, Date.now(), document.hasFocus()) })),
  interrupt: () => set(({ log }) => ({ log: interrupted(log) })),
}));
