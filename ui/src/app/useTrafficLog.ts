import { useEffect } from 'react';

import { useLiveTraffic } from '../ipc/liveTraffic';
import type { ShownNode } from './useNodeView';

/** Keeps the counters of every view of the node, with a gap where none is told: while none runs or the window is hidden. */
export function useTrafficLog(shown: ShownNode): void {
  useEffect(() => {
    const isRunning = typeof shown !== 'string' && shown.phase === 'running';
    if (!isRunning) {
      useLiveTraffic.getState().interrupt();
    } else if (document.visibilityState === 'visible') {
      useLiveTraffic.getState().hear(shown.status.traffic);
    }
  }, [shown]);
  useEffect(() => {
    const follow = () => {
      if (document.visibilityState !== 'visible') {
        useLiveTraffic.getState().interrupt();
      }
    };
    document.addEventListener('visibilitychange', follow);
    return () => document.removeEventListener('visibilitychange', follow);
  }, []);
}
