import { useState } from 'react';

import { Answered } from '../../design/Answered';
import { Button } from '../../design/Button';
import { CommandError, Note } from '../../design/Notice';
import { Screen } from '../../design/Screen';
import type { HostReport, UiError } from '../../ipc/bindings';
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

type Asked = 'stop' | 'leave';

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
  const [asked, setAsked] = useState<Asked | null>(null);
  const keepAndClose = async (answer: HostReport) => {
    await keep(answer);
    setAsked(null);
  };
  const stop = useCommand(() => client.hostingSet({ quota_bytes: 0 }), keepAndClose);
  const leave = useCommand((untilS: number) => client.hostingLeave({ until_s: untilS }), keepAndClose);
  const ask = (question: Asked) => {
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
      {host !== undefined && (
        <Question asked={asked} report={host} stop={stop} leave={leave} onClose={() => setAsked(null)} />
      )}
    </Screen>
  );
}

interface QuestionProps {
  asked: Asked | null;
  report: HostReport;
  stop: { isRunning: boolean; error: UiError | null; runOnce: () => void };
  leave: { isRunning: boolean; error: UiError | null; runOnce: (untilS: number) => void };
  onClose: () => void;
}

/** What is asked before something ends, while it is asked. */
function Question({ asked, stop, leave, ...question }: QuestionProps) {
  switch (asked) {
    case 'stop':
      return (
        <StopDialog
          {...question}
          isBusy={stop.isRunning}
          error={stop.error}
          onConfirm={() => stop.runOnce()}
        />
      );
    case 'leave':
      return (
        <LeaveDialog
          {...question}
          isBusy={leave.isRunning}
          error={leave.error}
          onConfirm={(untilS) => leave.runOnce(untilS)}
        />
      );
    case null:
      return null;
  }
}
