import { type Fact, Facts } from '../../design/Facts';
import { Card } from '../../design/Screen';
import { SpaceBar } from '../../design/SpaceBar';
import { StateMark } from '../../design/StateMark';
import type { HostReport } from '../../ipc/bindings';
import { formatBytes, formatCount } from '../../lib/format';
import { useMoney, usePrice } from '../../lib/money';
import { messages } from '../../messages';
import { limitsNow } from '../limits/model';
import { Earnings, hasMoney } from './Earnings';
import { HostForm, type HostFormProps } from './HostForm';
import styles from './HostingScreen.module.css';
import { diskLimit, lendingOf, lendingWords } from './model';

export function HostingView({ report, ...saving }: HostFormProps) {
  const { hosting } = messages;
  const { limits } = report;
  const money = useMoney();
  const rates = [
    limits.up_bytes_per_s,
    limits.down_bytes_per_s,
    limits.peer_up_bytes_per_s,
    limits.peer_down_bytes_per_s,
  ];
  const lending = lendingOf(report);
  return (
    <>
      <p className={styles.quiet}>{hosting.about}</p>
      <div className={styles.state} role="status">
        {lending === 'on' && report.paused && report.leaves_at === undefined && <StateMark word="paused" />}
        {lending === 'away' && <StateMark word="needsYou" />}
        <span>{lendingWords(report)}</span>
      </div>
      {(report.hosting || report.used_bytes > 0) && <Space report={report} />}
      {money !== null && hasMoney(report) && <Earnings report={report} />}
      <Card title={hosting.terms}>
        <p className={styles.quiet}>{limitsNow(rates, limits.in_force)}</p>
        <HostForm report={report} {...saving} />
      </Card>
    </>
  );
}

function Space({ report }: { report: HostReport }) {
  const { hosting } = messages;
  const price = usePrice();
  const diskLeaves = diskLimit(report);
  const facts: Fact[] = [
    { name: hosting.used, value: formatBytes(report.used_bytes) },
    { name: hosting.reserved, value: formatBytes(report.reserved_bytes) },
    { name: hosting.free, value: formatBytes(report.free_bytes) },
    { name: hosting.quota, value: formatBytes(report.quota_bytes) },
    { name: hosting.shards, value: formatCount(report.shards) },
    { name: hosting.owners, value: formatCount(report.owners) },
  ];
  if (report.offer !== null) {
    facts.push(
      { name: hosting.price, value: price(report.offer.price_xlm_per_gib_month) },
      {
        name: hosting.maxTerm,
        value: hosting.days(report.offer.max_term_days, formatCount(report.offer.max_term_days)),
      },
    );
  }
  return (
    <Card title={hosting.space}>
      <SpaceBar space={report} />
      <Facts facts={facts} />
      {report.hosting && diskLeaves !== null && <p>{hosting.diskLimits(formatBytes(diskLeaves))}</p>}
      {report.hosting && (
        <p className={styles.quiet}>{hosting.floor(formatBytes(report.disk_floor_bytes))}</p>
      )}
    </Card>
  );
}
