import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';

import { Button } from '../design/Button';
import { KeysGone } from '../features/onboarding/KeysGone';
import { Onboarding, type Way } from '../features/onboarding/Onboarding';
import { PhraseScreen } from '../features/onboarding/PhraseScreen';
import { Restored } from '../features/onboarding/Restored';
import { Unlock } from '../features/onboarding/Unlock';
import { StatusScreen } from '../features/status/StatusScreen';
import type { NodeView } from '../ipc/bindings';
import { client } from '../ipc/client';
import { messages } from '../messages';
import styles from './App.module.css';
import { LateDrops } from './LateDrops';
import { RunningWindow } from './RunningWindow';
import { useNodeView } from './useNodeView';
import { useTrafficLog } from './useTrafficLog';
import { useWantedPlace } from './useWantedPlace';

/** Mark of the moment at which the first screen was drawn, for whoever measures the start. */
const SHOWN_MARK = 'layr:shown';

/** What the window shows depends first of all on where its node stands. */
export function NodeGate() {
  const [shown, askAgain] = useNodeView();
  const [wanted, forgetWanted] = useWantedPlace();
  const [begun, setBegun] = useState<Way | null>(null);
  useTrafficLog(shown);
  useShownMark(shown !== 'loading');
  useFreshAnswers(typeof shown === 'string' ? shown : shown.phase);
  if (shown === 'loading') {
    return (
      <main className={styles.note}>
        <p className={styles.waiting}>{messages.status.loading}</p>
      </main>
    );
  }
  if (shown === 'unreachable') {
    return (
      <main className={styles.note}>
        <p role="alert">{messages.status.bridgeFailed}</p>
        <Button look="primary" onPress={askAgain}>
          {messages.everywhere.retry}
        </Button>
      </main>
    );
  }
  if (shown.phase !== 'running') {
    return <StoppedNode view={shown} onBegun={setBegun} />;
  }
  // What a new identity needs comes before everything else, once its node runs.
  if (begun !== null) {
    return (
      <main>
        <LateDrops text={messages.library.drop.later} />
        {begun === 'create' ? (
          <PhraseScreen onClose={() => setBegun(null)} />
        ) : (
          <Restored owner={shown.status.owner} onClose={() => setBegun(null)} />
        )}
      </main>
    );
  }
  return <RunningWindow node={shown} wanted={wanted} onReached={forgetWanted} />;
}

function useShownMark(isShown: boolean): void {
  useEffect(() => {
    if (!isShown) {
      return undefined;
    }
    // The first frame is what is being drawn now, the second begins when that is done.
    let frame = requestAnimationFrame(() => {
      frame = requestAnimationFrame(() => {
        if (performance.getEntriesByName(SHOWN_MARK).length === 0) {
          performance.mark(SHOWN_MARK);
        }
      });
    });
    return () => cancelAnimationFrame(frame);
  }, [isShown]);
}

/** What was answered of another home, or before the node stood still, holds no longer: meanwhile nobody told of changes. */
function useFreshAnswers(phase: string): void {
  const queryClient = useQueryClient();
  const before = useRef(phase);
  useEffect(() => {
    if (before.current === phase) {
      return;
    }
    before.current = phase;
    if (phase === 'locked') {
      // Names of files among them.
      queryClient.removeQueries({ type: 'inactive' });
    }
    queryClient.invalidateQueries().catch(() => undefined);
  }, [queryClient, phase]);
}

function StoppedNode({
  view,
  onBegun,
}: {
  view: Exclude<NodeView, { phase: 'running' }>;
  onBegun: (way: Way) => void;
}) {
  const { onboarding, library } = messages;
  const always = {
    onRetry: client.retryStart,
    notes: <LateDrops text={library.drop.notReady} />,
  };
  if (view.phase === 'no_identity') {
    return (
      <StatusScreen view={view} {...always} otherWay={onboarding.terminal}>
        <Onboarding onBegun={onBegun} />
      </StatusScreen>
    );
  }
  // What a keyring keeps is opened there, and by no passphrase of Layr.
  if (view.phase === 'locked' && view.store === 'file') {
    return (
      <StatusScreen view={view} {...always} otherWay={onboarding.unlock.other}>
        <Unlock reason={view.message} />
      </StatusScreen>
    );
  }
  // Where no keyring runs any more there is nothing to unlock: the words bring the keys back, to wherever they can be kept.
  if (view.phase === 'keys_gone' || (view.phase === 'locked' && view.can_bring_back)) {
    return (
      <StatusScreen view={view} {...always} otherWay={onboarding.unlock.other}>
        <KeysGone reason={view.message} mayReturn={view.phase === 'locked'} />
      </StatusScreen>
    );
  }
  return <StatusScreen view={view} {...always} />;
}
