import { Answered } from '../../design/Answered';
import { Screen } from '../../design/Screen';
import type { StatusReport } from '../../ipc/bindings';
import { client } from '../../ipc/client';
import { keys } from '../../ipc/keys';
import { useFollowed } from '../../ipc/useFollowed';
import { messages } from '../../messages';
import { Connection } from './Connection';
import { HostTable } from './HostTable';
import { TrafficCard } from './TrafficCard';

const REFRESH_MS = 15_000;

export function NetworkScreen({ status }: { status: StatusReport }) {
  const { network } = messages;
  const hosts = useFollowed(keys.hosts, client.networkHosts, REFRESH_MS);
  return (
    <Screen title={network.heading}>
      <Connection status={status} />
      <TrafficCard total={status.traffic} />
      <Answered query={hosts} rows={5}>
        {(answer) => <HostTable hosts={answer.hosts} />}
      </Answered>
    </Screen>
  );
}
