import { useEffect, useRef } from 'react';

import { useLiveTraffic } from '../ipc/liveTraffic';
import type { Traffic } from '../ipc/bindings';
import type { ShownNode } from './useNodeView';

/** Keeps the counters of every view of the node, with a gap where none is told: while none runs or the window is hidden. */
export function useTrafficLog(shown: ShownNode): void {
  const last = useRef<Traffic | null>(null);
  useEffect(() => {
    const now = typeof shown !== 'string' && shown.phase === 'running' ? shown.status.traffic : null;
    last.current = now;
    if (now === null) {
      useLiveTraffic.getState().interrupt();
    } else if (document.visibilityState === 'visible') {
      useLiveTraffic.getState().hear(now);
    }
  }, [shown]);
  useEffect(() => {
    const follow = () => {
      if (document.visibilityState !== 'visible') {
        useLiveTraffic.getState().interrupt();
      } else if (last.current !== null) {
        // Of a node at rest nothing else is told; what has changed meanwhile follows within a moment, and takes its place.
        useLiveTraffic.getState().hear(last.current);
      }
    };
    document.addEventListener('visibilitychange', follow);
    return () => document.removeEventListener('visibilitychange', follow);
  }, []);
}
