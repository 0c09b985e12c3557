import { useCallback, useEffect, useState } from 'react';

import { StatusScreen } from '../features/status/StatusScreen';
import type { NodeDoor, NodeView } from '../ipc/node';
import { messages } from '../messages';
import styles from './App.module.css';

type Shown = { view: NodeView } | 'loading' | 'unreachable';

export function App({ node }: { node: NodeDoor }) {
  const [shown, setShown] = useState<Shown>('loading');

  useEffect(() => {
    let stopped = false;
    let stopWatching: (() => void) | undefined;
    const follow = async () => {
      // Watching first and asking second: a change between the two is then seen twice rather than never.
      const stop = await node.watch((view) => setShown({ view }));
      if (stopped) {
        stop();
        return;
      }
      stopWatching = stop;
      setShown({ view: await node.view() });
    };
    follow().catch(() => setShown('unreachable'));
    return () => {
      stopped = true;
      stopWatching?.();
    };
  }, [node]);

  const retryStart = useCallback(() => node.retryStart(), [node]);

  return (
    <main className={styles.window}>
      {shown === 'loading' && <p className={styles.note}>{messages.loading}</p>}
      {shown === 'unreachable' && (
        <p className={styles.note} role="alert">
          {messages.bridgeFailed}
        </p>
      )}
      {typeof shown === 'object' && <StatusScreen view={shown.view} onRetry={retryStart} />}
    </main>
  );
}
