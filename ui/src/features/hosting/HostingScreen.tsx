import { useState } from 'react';

import { Answered } from '../../design/Answered';
import { Button } from '../../design/Button';
import { CommandError, Note } from '../../design/Notice';
import { Screen } from '../../design/Screen';
import type { HostReport } from '../../ipc/bindings';
import { client } from '../../ipc/client';
import { keys } from '../../ipc/keys';
import { useAnswerOf } from '../../ipc/useAnswerOf';
import { useCommand } from '../../ipc/useCommand';
import { useFollowed } from '../../ipc/useFollowed';
import { messages } from '../../messages';
import { savingOf } from '../limits/savingOf';
import { HostingView } from './HostingView';
import { lendingOf } from './model';
import { StopDialog } from './StopDialog';

const REFRESH_MS = 10_000;

export function HostingScreen() {
  const { hosting } = messages;
  const report = useFollowed(keys.hosting, client.hosting, REFRESH_MS);
  const keep = useAnswerOf<HostReport>(keys.hosting);
  const save = useCommand(client.hostingSet, keep);
  const toggle = useCommand(
    (isPaused: boolean) => (isPaused ? client.hostingPause() : client.hostingResume()),
    keep,
  );
  const [isStopping, setStopping] = useState(false);
  const stop = useCommand(
    () => client.hostingSet({ quota_bytes: 0 }),
    async (answer) => {
      await keep(answer);
      setStopping(false);
    },
  );
  const askToStop = () => {
    // What was saved before, or failed to be, is another matter.
    save.reset();
    stop.reset();
    setStopping(true);
  };
  const host = report.data;
  // What is wrong with the times is said beside them.
  const saving = savingOf(save);
  return (
    <Screen
      title={hosting.heading}
      actions={
        host !== undefined &&
        lendingOf(host) !== 'off' && (
          <>
            {host.hosting && (
              <Button isDisabled={toggle.isRunning} onPress={() => toggle.run(!host.paused)}>
                {host.paused ? hosting.resume : hosting.pause}
              </Button>
            )}
            <Button onPress={askToStop}>{hosting.stop.button}</Button>
          </>
        )
      }
    >
      {saving.refused === null && <CommandError command={save} />}
      <CommandError command={toggle} />
      {save.isDone && <Note onClose={save.reset}>{messages.limits.saved}</Note>}
      <Answered query={report}>{(answer) => <HostingView report={answer} {...saving} />}</Answered>
      {isStopping && host !== undefined && (
        <StopDialog
          report={host}
          isBusy={stop.isRunning}
          error={stop.error}
          onClose={() => setStopping(false)}
          onConfirm={() => stop.runOnce()}
        />
      )}
    </Screen>
  );
}
