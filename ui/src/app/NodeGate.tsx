import { useState } from 'react';

import { Onboarding } from '../features/onboarding/Onboarding';
import { PhraseScreen } from '../features/onboarding/PhraseScreen';
import { Unlock } from '../features/onboarding/Unlock';
import { StatusScreen } from '../features/status/StatusScreen';
import type { NodeView } from '../ipc/bindings';
import { client } from '../ipc/client';
import { messages } from '../messages';
import styles from './App.module.css';
import { RunningWindow } from './RunningWindow';
import { useNodeView } from './useNodeView';

/** What the window shows depends first of all on where its node stands. */
export function NodeGate() {
  const shown = useNodeView();
  const [isPhraseDue, setPhraseDue] = useState(false);
  if (shown === 'loading') {
    return (
      <main>
        <p className={styles.note}>{messages.status.loading}</p>
      </main>
    );
  }
  if (shown === 'unreachable') {
    return (
      <main>
        <p className={styles.note} role="alert">
          {messages.status.bridgeFailed}
        </p>
      </main>
    );
  }
  if (shown.phase === 'running' && isPhraseDue) {
    return (
      <main>
        <PhraseScreen onClose={() => setPhraseDue(false)} />
      </main>
    );
  }
  if (shown.phase === 'running') {
    return <RunningWindow status={shown.status} />;
  }
  return <StoppedNode view={shown} onCreated={() => setPhraseDue(true)} />;
}

function StoppedNode({
  view,
  onCreated,
}: {
  view: Exclude<NodeView, { phase: 'running' }>;
  onCreated: () => void;
}) {
  const { onboarding } = messages;
  if (view.phase === 'no_identity') {
    return (
      <StatusScreen view={view} onRetry={client.retryStart} otherWay={onboarding.terminal}>
        <Onboarding onCreated={onCreated} />
      </StatusScreen>
    );
  }
  if (view.phase === 'locked') {
    return (
      <StatusScreen view={view} onRetry={client.retryStart} otherWay={onboarding.unlock.other}>
        <Unlock reason={view.message} />
      </StatusScreen>
    );
  }
  return <StatusScreen view={view} onRetry={client.retryStart} />;
}
