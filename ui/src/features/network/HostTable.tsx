import { Facts } from '../../design/Facts';
import { Card } from '../../design/Screen';
import type { HostInfo } from '../../ipc/bindings';
import { formatBytes, formatCount, plainName, wholePercent } from '../../lib/format';
import { usePrice } from '../../lib/money';
import { formatTime } from '../../lib/time';
import { messages } from '../../messages';
import { Addresses } from './Addresses';
import styles from './NetworkScreen.module.css';

/** The hosts that this node knows, those with most of ours first. */
export function HostTable({ hosts }: { hosts: readonly HostInfo[] }) {
  const { network } = messages;
  if (hosts.length === 0) {
    return (
      <Card title={network.hosts}>
        <p>{network.noHosts}</p>
        <p className={styles.quiet}>{network.noHostsAbout}</p>
      </Card>
    );
  }
  return (
    <Card title={network.hosts}>
      <p className={styles.quiet}>{network.hostsAbout}</p>
      {/* Wider than a small window: it scrolls, so the keyboard must reach it. */}
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <div className={styles.scroll} tabIndex={0} role="group" aria-label={network.hosts}>
        <table className={styles.hosts}>
          <thead>
            <tr>
              <th scope="col">{network.host}</th>
              <th scope="col">{network.free}</th>
              <th scope="col">{network.price}</th>
              <th scope="col">{network.score}</th>
              <th scope="col">{network.stored}</th>
            </tr>
          </thead>
          <tbody>
            {hosts
              .toSorted((a, b) => b.bytes - a.bytes)
              .map((host) => (
                <HostRow key={host.peer_id} host={host} />
              ))}
          </tbody>
        </table>
      </div>
    </Card>
  );
}

function HostRow({ host }: { host: HostInfo }) {
  const { network } = messages;
  const price = usePrice();
  return (
    <tr>
      <th scope="row">
        <details>
          <summary>
            <code>{`…${plainName(host.peer_id).slice(-12)}`}</code>
          </summary>
          <Facts
            facts={[
              { name: network.peerId, value: <code>{plainName(host.peer_id)}</code> },
              { name: network.listening, value: <Addresses addresses={host.addresses} /> },
            ]}
          />
        </details>
        {host.relayed_only && <p className={styles.quiet}>{network.relayedOnly}</p>}
      </th>
      <td>{host.offer === null ? network.noAnswer : formatBytes(host.offer.free_bytes)}</td>
      <td>{host.offer === null ? '' : price(host.offer.price_xlm_per_gib_month)}</td>
      <td>
        {host.score === null ? network.noScore : `${wholePercent(host.score, 1)} %`}
        <p className={styles.quiet}>{network.reputation[host.reputation]}</p>
        {host.leaves_at !== undefined && (
          <p className={styles.quiet}>{network.leaving(formatTime(host.leaves_at))}</p>
        )}
      </td>
      <td>
        {network.parts(host.shards, formatCount(host.shards))}, {formatBytes(host.bytes)}
      </td>
    </tr>
  );
}
