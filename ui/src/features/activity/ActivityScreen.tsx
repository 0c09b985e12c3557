import { useQuery, useQueryClient } from '@tanstack/react-query';

import { ErrorNotice } from '../../design/Notice';
import { Screen, Skeleton } from '../../design/Screen';
import { client } from '../../ipc/client';
import { toUiError } from '../../ipc/errors';
import { keys } from '../../ipc/keys';
import { useCommand } from '../../ipc/useCommand';
import { useNow } from '../../lib/hooks';
import { messages } from '../../messages';
import { ActivityList } from './ActivityList';

export function ActivityScreen() {
  const { activity } = messages.settings;
  const queryClient = useQueryClient();
  const nowMs = useNow();
  const report = useQuery({ queryKey: keys.activity, queryFn: client.activity });
  const resolve = useCommand(
    (id: number) => client.activityResolve({ id }),
    () => {
      queryClient.invalidateQueries({ queryKey: keys.activity }).catch(() => undefined);
    },
  );
  return (
    <Screen title={activity.heading}>
      {resolve.error !== null && <ErrorNotice error={resolve.error} />}
      {report.data === undefined && report.error === null && (
        <Skeleton label={messages.everywhere.loading} rows={6} />
      )}
      {report.data === undefined && report.error !== null && (
        <ErrorNotice
          error={toUiError(report.error)}
          title={activity.failed}
          onRetry={() => report.refetch()}
        />
      )}
      {report.data !== undefined && (
        <ActivityList
          entries={report.data.entries}
          nowMs={nowMs}
          isBusy={resolve.isRunning}
          onResolve={resolve.run}
        />
      )}
    </Screen>
  );
}
