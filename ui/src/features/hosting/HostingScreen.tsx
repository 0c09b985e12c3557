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
import { LeaveDialog } from './LeaveDialog';
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
  const stay = useCommand(client.hostingStay, keep);
  const [asked, setAsked] = useState<'stop' | 'leave' | null>(null);
  const keepAndClose = async (answer: HostReport) => {
    await keep(answer);
    setAsked(null);
  };
  const stop = useCommand(() => client.hostingSet({ quota_bytes: 0 }), keepAndClose);
  const leave = useCommand((untilS: number) => client.hostingLeave({ until_s: untilS }), keepAndClose);
  const ask = (question: 'stop' | 'leave') => {
    // What was saved before, or failed to be, is another matter.
    for (const command of [save, stay, stop, leave]) {
      command.reset();
    }
    setAsked(question);
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
            {host.hosting && host.leaves_at === undefined && (
              <>
                <Button isDisabled={toggle.isRunning} onPress={() => toggle.run(!host.paused)}>
                  {host.paused ? hosting.resume : hosting.pause}
                </Button>
                <Button onPress={() => ask('leave')}>{hosting.leave.button}</Button>
              </>
            )}
            {host.hosting && host.leaves_at !== undefined && (
              <Button isDisabled={stay.isRunning} onPress={() => stay.runOnce()}>
                {hosting.stay}
              </Button>
            )}
            <Button onPress={() => ask('stop')}>{hosting.stop.button}</Button>
          </>
        )
      }
    >
      {saving.refused === null && <CommandError command={save} />}
      <CommandError command={toggle} />
      <CommandError command={stay} />
      {save.isDone && <Note onClose={save.reset}>{messages.limits.saved}</Note>}
      <Answered query={report}>{(answer) => <HostingView report={answer} {...saving} />}</Answered>
      {asked === 'stop' && host !== undefined && (
        <StopDialog
          report={host}
          isBusy={stop.isRunning}
          error={stop.error}
          onClose={() => setAsked(null)}
          onConfirm={() => stop.runOnce()}
        />
      )}
      {asked === 'leave' && host !== undefined && (
        <LeaveDialog
          report={host}
          isBusy={leave.isRunning}
          error={leave.error}
          onClose={() => setAsked(null)}
          onConfirm={(untilS) => leave.runOnce(untilS)}
        />
      )}
    </Screen>
  );
}
