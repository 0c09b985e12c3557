import logo from '../../../../icons/layr.svg';
import type { NodeView } from '../../ipc/node';
import { messages } from '../../messages';
import { nodeState } from './model';
import { Problem } from './Problem';
import { RunningNode } from './RunningNode';
import { StateMark } from './StateMark';
import styles from './StatusScreen.module.css';

export function StatusScreen({ view, onRetry }: { view: NodeView; onRetry: () => Promise<void> }) {
  const state = nodeState(view);
  return (
    <>
      <header className={styles.header}>
        <h1 className={styles.heading}>
          <img src={logo} alt="" width="32" height="32" />
          {messages.heading}
        </h1>
        <div className={styles.state} role="status">
          <StateMark word={state.word} />
          <span className={styles.reason}>{state.reason}</span>
        </div>
      </header>
      {view.phase === 'running' && <RunningNode status={view.status} />}
      {view.phase !== 'running' && view.phase !== 'starting' && <Problem view={view} onRetry={onRetry} />}
    </>
  );
}
