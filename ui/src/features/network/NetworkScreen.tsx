import { useQuery } from '@tanstack/react-query';

import { ErrorNotice } from '../../design/Notice';
import { Screen, Skeleton } from '../../design/Screen';
import type { StatusReport } from '../../ipc/bindings';
import { client } from '../../ipc/client';
import { toUiError } from '../../ipc/errors';
import { keys } from '../../ipc/keys';
import { messages } from '../../messages';
import { Connection } from './Connection';
import { HostTable } from './HostTable';

const REFRESH_MS = 15_000;

export function NetworkScreen({ status }: { status: StatusReport }) {
  const { network, everywhere } = messages;
  const hosts = useQuery({
    queryKey: keys.hosts,
    queryFn: client.networkHosts,
    refetchInterval: REFRESH_MS,
    staleTime: 0,
  });
  return (
    <Screen title={network.heading}>
      <Connection status={status} />
      {hosts.data === undefined && hosts.error === null && <Skeleton label={everywhere.loading} rows={5} />}
      {hosts.data === undefined && hosts.error !== null && (
        <ErrorNotice
          error={toUiError(hosts.error)}
          title={everywhere.loadFailed}
          onRetry={() => hosts.refetch()}
        />
      )}
      {hosts.data !== undefined && <HostTable hosts={hosts.data.hosts} />}
    </Screen>
  );
}
