import type { ReactNode } from 'react';

import logo from '../../../../icons/layr.svg';
import { StateMark } from '../../design/StateMark';
import type { NodeView } from '../../ipc/bindings';
import { messages } from '../../messages';
import { nodeState } from './model';
import { Problem } from './Problem';
import styles from './StatusScreen.module.css';

export interface StatusScreenProps {
  view: Exclude<NodeView, { phase: 'running' }>;
  onRetry: () => Promise<void>;
  /** What the window itself offers against the problem, above what a terminal can do. */
  children?: ReactNode;
  /** What is to be said besides. */
  notes?: ReactNode;
  /** Folds the way through a terminal away. */
  otherWay?: string;
}

/** The window while the node does not run: why, what is safe and what to do. */
export function StatusScreen({ view, onRetry, children, notes, otherWay }: StatusScreenProps) {
  const state = nodeState(view);
  return (
    <main className={styles.window}>
      <header className={styles.header}>
        <h1 className={styles.heading}>
          <img src={logo} alt="" width="32" height="32" />
          {messages.status.heading}
        </h1>
        <div className={styles.state} role="status">
          <StateMark word={state.word} />
          <span className={styles.reason}>{state.reason}</span>
        </div>
      </header>
      {notes}
      {children}
      {view.phase !== 'starting' &&
        (otherWay === undefined ? (
          <Problem view={view} onRetry={onRetry} isSecondary={false} />
        ) : (
          <details className={styles.other}>
            <summary>{otherWay}</summary>
            <Problem view={view} onRetry={onRetry} isSecondary />
          </details>
        ))}
    </main>
  );
}
