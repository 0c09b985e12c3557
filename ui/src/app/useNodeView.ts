import { useCallback, useEffect, useRef, useState } from 'react';

import type { NodeView } from '../ipc/bindings';
import { client } from '../ipc/client';
import { onShellEvent } from '../ipc/events';

export type ShownNode = NodeView | 'loading' | 'unreachable';

/** Where the node stands, followed for as long as the window lives; and how to ask anew where nobody answered. */
export function useNodeView(): [ShownNode, () => void] {
  const [shown, setShown] = useState<ShownNode>('loading');
  const hasEvent = useRef(false);
  const ask = useCallback(() => {
    const settle = (next: ShownNode) => {
      // What an event said is newer than the answer to a question asked before it.
      if (!hasEvent.current) {
        setShown(next);
      }
    };
    client.nodeView().then(settle, () => settle('unreachable'));
  }, []);
  useEffect(() => {
    // Listening first and asking second: a change between the two is then seen twice rather than never.
    const stop = onShellEvent('node-view', (view) => {
      hasEvent.current = true;
      setShown(view);
    });
    ask();
    return stop;
  }, [ask]);
  return [shown, ask];
}
