import { useEffect, useState } from 'react';

import type { NodeView } from '../ipc/bindings';
import { client } from '../ipc/client';
import { onShellEvent } from '../ipc/events';

export type ShownNode = NodeView | 'loading' | 'unreachable';

/** Where the node stands, followed for as long as the window lives. */
export function useNodeView(): ShownNode {
  const [shown, setShown] = useState<ShownNode>('loading');
  useEffect(() => {
    let isStopped = false;
    let hasEvent = false;
    // Listening first and asking second: a change between the two is then seen twice rather than never.
    const stop = onShellEvent('node-view', (view) => {
      hasEvent = true;
      setShown(view);
    });
    const settle = (next: ShownNode) => {
      // What an event said is newer than the answer to a question asked before it.
      if (!isStopped && !hasEvent) {
        setShown(next);
      }
    };
    client.nodeView().then(settle, () => settle('unreachable'));
    return () => {
      isStopped = true;
      stop();
    };
  }, []);
  return shown;
}
