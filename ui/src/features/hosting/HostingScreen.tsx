import { useQuery, useQueryClient } from '@tanstack/react-query';

import { Answered } from '../../design/Answered';
import { Button } from '../../design/Button';
import { CommandError, Note } from '../../design/Notice';
import { Screen } from '../../design/Screen';
import type { HostReport } from '../../ipc/bindings';
import { client } from '../../ipc/client';
import { keys } from '../../ipc/keys';
import { useCommand } from '../../ipc/useCommand';
import { messages } from '../../messages';
import { HostingView } from './HostingView';

const REFRESH_MS = 10_000;

export function HostingScreen() {
  const { hosting } = messages;
  const queryClient = useQueryClient();
  // Space changes without an event; the query stands still while the window is hidden.
  const report = useQuery({
    queryKey: keys.hosting,
    queryFn: client.hosting,
    refetchInterval: REFRESH_MS,
    staleTime: 0,
  });
  const keep = async (answer: HostReport) => {
    // What was asked before the command may be answered after it, with how things stood before.
    await queryClient.cancelQueries({ queryKey: keys.hosting });
    queryClient.setQueryData(keys.hosting, answer);
  };
  const save = useCommand(client.hostingSet, keep);
  const toggle = useCommand(
    (isPaused: boolean) => (isPaused ? client.hostingPause() : client.hostingResume()),
    keep,
  );
  const host = report.data;
  return (
    <Screen
      title={hosting.heading}
      actions={
        host?.hosting === true && (
          <Button isDisabled={toggle.isRunning} onPress={() => toggle.run(!host.paused)}>
            {host.paused ? hosting.resume : hosting.pause}
          </Button>
        )
      }
    >
      <CommandError command={save} />
      <CommandError command={toggle} />
      {save.isDone && <Note onClose={save.reset}>{hosting.form.saved}</Note>}
      <Answered query={report}>
        {(answer) => <HostingView report={answer} isRunning={save.isRunning} onSave={save.run} />}
      </Answered>
    </Screen>
  );
}
