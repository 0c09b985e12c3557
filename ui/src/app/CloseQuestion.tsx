import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';

import { Button } from '../design/Button';
import { Dialog } from '../design/Dialog';
import { ErrorNotice } from '../design/Notice';
import { client } from '../ipc/client';
import { keys } from '../ipc/keys';
import { useCommand } from '../ipc/useCommand';
import { useShellEvent } from '../ipc/useShellEvent';
import { messages } from '../messages';

/** What closing the window shall mean: asked the first time, kept as a setting. */
export function CloseQuestion() {
  const { closing } = messages.shell;
  const queryClient = useQueryClient();
  const [isAsked, setAsked] = useState(false);
  const decide = useCommand(
    (keepRunning: boolean) => client.closeDecided({ keep_running: keepRunning }),
    () => {
      setAsked(false);
      queryClient.invalidateQueries({ queryKey: keys.settings }).catch(() => undefined);
    },
  );
  useShellEvent('close-asked', () => setAsked(true));
  if (!isAsked) {
    return null;
  }
  return (
    <Dialog
      title={closing.title}
      role="alertdialog"
      isTextOnly
      isBusy={decide.isRunning}
      onClose={() => {
        decide.reset();
        setAsked(false);
        // The shell would take the next close for an answer. Where it does not hear, it waits that out by itself.
        client.closeDismissed().catch(() => undefined);
      }}
      footer={
        <>
          <Button isDisabled={decide.isRunning} onPress={() => decide.run(false)}>
            {closing.quit}
          </Button>
          <Button look="primary" autoFocus isDisabled={decide.isRunning} onPress={() => decide.run(true)}>
            {closing.keepRunning}
          </Button>
        </>
      }
    >
      <p>{closing.text}</p>
      <p>{closing.quitText}</p>
      <p>{closing.change}</p>
      {decide.error !== null && <ErrorNotice error={decide.error} />}
    </Dialog>
  );
}
