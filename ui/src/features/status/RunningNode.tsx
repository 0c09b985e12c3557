import type { NodeStatus, Transfer } from '../../ipc/node';
import { messages } from '../../messages';
import { formatBytes, formatCount, plainName } from './format';
import { HealthBar } from './HealthBar';
import { SpaceBar } from './SpaceBar';
import styles from './RunningNode.module.css';

export function RunningNode({ status }: { status: NodeStatus }) {
  return (
    <div className={styles.cards}>
      <Library status={status} />
      <Hosting space={status.hosting} />
      <Network status={status} />
      {status.transfers.length > 0 && <Transfers transfers={status.transfers} />}
    </div>
  );
}

function Library({ status }: { status: NodeStatus }) {
  const { library } = messages;
  return (
    <section className={styles.card} aria-labelledby="library">
      <h2 id="library">{library.heading}</h2>
      <dl className={styles.facts}>
        <dt>{library.files}</dt>
        <dd>{status.files === 0 ? library.empty : formatCount(status.files)}</dd>
        <dt>{library.size}</dt>
        <dd title={`${formatCount(status.bytes)} B`}>{formatBytes(status.bytes)}</dd>
        {status.health !== null && (
          <>
            <dt>{library.health}</dt>
            <dd>
              <HealthBar health={status.health} />
            </dd>
          </>
        )}
      </dl>
    </section>
  );
}

function Hosting({ space }: { space: NodeStatus['hosting'] }) {
  const { hosting } = messages;
  if (space.quota_bytes === 0 && space.used_bytes === 0 && space.reserved_bytes === 0) {
    return (
      <section className={styles.card} aria-labelledby="hosting">
        <h2 id="hosting">{hosting.heading}</h2>
        <p className={styles.quiet}>{hosting.off}</p>
      </section>
    );
  }
  const free = Math.max(0, space.quota_bytes - space.used_bytes - space.reserved_bytes);
  return (
    <section className={styles.card} aria-labelledby="hosting">
      <h2 id="hosting">{hosting.heading}</h2>
      <SpaceBar space={space} />
      <dl className={styles.facts}>
        <dt>{hosting.used}</dt>
        <dd>{formatBytes(space.used_bytes)}</dd>
        <dt>{hosting.reserved}</dt>
        <dd>{formatBytes(space.reserved_bytes)}</dd>
        <dt>{hosting.free}</dt>
        <dd>{formatBytes(free)}</dd>
        <dt>{hosting.quota}</dt>
        <dd>{formatBytes(space.quota_bytes)}</dd>
      </dl>
    </section>
  );
}

function Network({ status }: { status: NodeStatus }) {
  const { network } = messages;
  return (
    <section className={`${styles.card} ${styles.wide}`} aria-labelledby="network">
      <h2 id="network">{network.heading}</h2>
      <dl className={styles.facts}>
        <dt>{network.name}</dt>
        <dd>{status.network}</dd>
        <dt>{network.reachability}</dt>
        <dd>{network[status.reachability]}</dd>
        <dt>{network.peers}</dt>
        <dd>{formatCount(status.peers)}</dd>
        <dt>{network.peerId}</dt>
        <dd>
          <code>{status.peer_id}</code>
        </dd>
        <dt>{network.listening}</dt>
        <dd>
          {status.listening.length === 0 && network.noAddress}
          <ul className={styles.addresses}>
            {status.listening.map((address) => (
              <li key={address}>
                <code>{withoutPeer(address, status.peer_id)}</code>
              </li>
            ))}
          </ul>
        </dd>
      </dl>
    </section>
  );
}

/** The peer id stands above the addresses already. */
function withoutPeer(address: string, peerId: string): string {
  return address.endsWith(`/p2p/${peerId}`) ? address.slice(0, -`/p2p/${peerId}`.length) : address;
}

function Transfers({ transfers }: { transfers: Transfer[] }) {
  return (
    <section className={`${styles.card} ${styles.wide}`} aria-labelledby="transfers">
      <h2 id="transfers">{messages.transfers.heading}</h2>
      <ul className={styles.transfers}>
        {transfers.map((transfer) => (
          <li key={transfer.id}>
            <span className={styles.kind}>{messages.transfers.kind(transfer.kind)}</span>
            <bdi className={styles.name}>{plainName(transfer.name)}</bdi>
            <span className={styles.amount}>{amountOf(transfer)}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}

function amountOf(transfer: Transfer): string {
  return transfer.total_bytes === 0
    ? messages.transfers.counting
    : messages.transfers.progress(formatBytes(transfer.done_bytes), formatBytes(transfer.total_bytes));
}
