import { Facts } from '../../design/Facts';
import { Card } from '../../design/Screen';
import type { StatusReport } from '../../ipc/bindings';
import { formatCount, plainName } from '../../lib/format';
import { messages } from '../../messages';
import { Addresses } from './Addresses';

/** Who this node is and how others reach it. */
export function Connection({ status }: { status: StatusReport }) {
  const { network } = messages;
  return (
    <Card title={network.connection}>
      <Facts
        facts={[
          { name: network.name, value: plainName(status.network) },
          { name: network.reachability, value: network[status.reachability] },
          ...(status.reachability === 'public'
            ? []
            : [
                {
                  name: network.relays,
                  value: network.relayWords(status.relays, formatCount(status.relays)),
                },
              ]),
          { name: network.peers, value: formatCount(status.peers) },
          { name: network.peerId, value: <code>{status.peer_id}</code> },
          { name: network.listening, value: <Addresses addresses={withoutPeer(status)} /> },
        ]}
      />
    </Card>
  );
}

/** The peer id stands above the addresses already. */
function withoutPeer({ listening, peer_id: peerId }: StatusReport): string[] {
  const end = `/p2p/${peerId}`;
  return listening.map((address) => (address.endsWith(end) ? address.slice(0, -end.length) : address));
}
