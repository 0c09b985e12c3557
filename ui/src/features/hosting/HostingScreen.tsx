import { useQuery, useQueryClient } from '@tanstack/react-query';

import { Button } from '../../design/Button';
import { ErrorNotice, Note } from '../../design/Notice';
import { Screen, Skeleton } from '../../design/Screen';
import type { HostReport } from '../../ipc/bindings';
import { client } from '../../ipc/client';
import { toUiError } from '../../ipc/errors';
import { keys } from '../../ipc/keys';
import { useCommand } from '../../ipc/useCommand';
import { messages } from '../../messages';
import { HostingView } from './HostingView';

const REFRESH_MS = 10_000;

export function HostingScreen() {
  const { hosting, everywhere } = messages;
  const queryClient = useQueryClient();
  // Space changes without an event; the query stands still while the window is hidden.
  const report = useQuery({
    queryKey: keys.hosting,
    queryFn: client.hosting,
    refetchInterval: REFRESH_MS,
    staleTime: 0,
  });
  const keep = (answer: HostReport) => queryClient.setQueryData(keys.hosting, answer);
  const save = useCommand(client.hostingSet, keep);
  const toggle = useCommand(
    (isPaused: boolean) => (isPaused ? client.hostingPause() : client.hostingResume()),
    keep,
  );
  const host = report.data;
  const failure = save.error ?? toggle.error;
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
      {failure !== null && <ErrorNotice error={failure} />}
      {save.isDone && failure === null && <Note onClose={save.reset}>{hosting.form.saved}</Note>}
      {host === undefined && report.error === null && <Skeleton label={everywhere.loading} rows={6} />}
      {host === undefined && report.error !== null && (
        <ErrorNotice
          error={toUiError(report.error)}
          title={everywhere.loadFailed}
          onRetry={() => report.refetch()}
        />
      )}
      {host !== undefined && <HostingView report={host} isRunning={save.isRunning} onSave={save.run} />}
    </Screen>
  );
}
