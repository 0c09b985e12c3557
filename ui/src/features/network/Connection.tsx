import { Facts } from '../../design/Facts';
import { Card } from '../../design/Screen';
import type { StatusReport } from '../../ipc/bindings';
import { formatCount, plainName } from '../../lib/format';
import { messages } from '../../messages';
import styles from './NetworkScreen.module.css';

/** Who this node is and how others reach it. */
export function Connection({ status }: { status: StatusReport }) {
  const { network } = messages;
  return (
    <Card title={network.connection}>
      <Facts
        facts={[
          { name: network.name, value: plainName(status.network) },
          { name: network.reachability, value: network[status.reachability] },
          { name: network.peers, value: formatCount(status.peers) },
          { name: network.peerId, value: <code>{status.peer_id}</code> },
          { name: network.listening, value: <Addresses status={status} /> },
        ]}
      />
    </Card>
  );
}

function Addresses({ status }: { status: StatusReport }) {
  if (status.listening.length === 0) {
    return messages.network.noAddress;
  }
  return (
    <ul className={styles.addresses}>
      {status.listening.map((address) => (
        <li key={address}>
          <code>{plainName(withoutPeer(address, status.peer_id))}</code>
        </li>
      ))}
    </ul>
  );
}

/** The peer id stands above the addresses already. */
function withoutPeer(address: string, peerId: string): string {
  return address.endsWith(`/p2p/${peerId}`) ? address.slice(0, -`/p2p/${peerId}`.length) : address;
}
