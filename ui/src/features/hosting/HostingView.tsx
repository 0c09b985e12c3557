import { type Fact, Facts } from '../../design/Facts';
import { Card } from '../../design/Screen';
import { SpaceBar } from '../../design/SpaceBar';
import { StateMark } from '../../design/StateMark';
import type { HostReport } from '../../ipc/bindings';
import { formatBytes, formatCount } from '../../lib/format';
import { messages } from '../../messages';
import { limitsNow } from '../limits/model';
import { HostForm, type HostFormProps } from './HostForm';
import styles from './HostingScreen.module.css';
import { lendingOf } from './model';

export function HostingView({ report, ...saving }: HostFormProps) {
  const { hosting } = messages;
  // A pause is of something that is on: what is off is not resumed, but switched on.
  const isPaused = report.hosting && report.paused;
  const { limits } = report;
  const rates = [
    limits.up_bytes_per_s,
    limits.down_bytes_per_s,
    limits.peer_up_bytes_per_s,
    limits.peer_down_bytes_per_s,
  ];
  const lending = lendingOf(report);
  const words = {
    on: hosting.active,
    off: report.used_bytes > 0 ? hosting.offServing : hosting.off,
    away: hosting.away,
  };
  return (
    <>
      <p className={styles.quiet}>{hosting.about}</p>
      <div className={styles.state} role="status">
        {isPaused && <StateMark word="paused" />}
        {lending === 'away' && <StateMark word="needsYou" />}
        <span>{isPaused ? hosting.paused : words[lending]}</span>
      </div>
      {(report.hosting || report.used_bytes > 0) && <Space report={report} />}
      <Card title={hosting.terms}>
        <p className={styles.quiet}>{limitsNow(rates, limits.in_force)}</p>
        <HostForm report={report} {...saving} />
      </Card>
    </>
  );
}

function Space({ report }: { report: HostReport }) {
  const { hosting } = messages;
  const free = Math.max(0, report.quota_bytes - report.used_bytes - report.reserved_bytes);
  const facts: Fact[] = [
    { name: hosting.used, value: formatBytes(report.used_bytes) },
    { name: hosting.reserved, value: formatBytes(report.reserved_bytes) },
    { name: hosting.free, value: formatBytes(free) },
    { name: hosting.quota, value: formatBytes(report.quota_bytes) },
    { name: hosting.shards, value: formatCount(report.shards) },
    { name: hosting.owners, value: formatCount(report.owners) },
  ];
  if (report.offer !== null) {
    facts.push(
      { name: hosting.price, value: hosting.perGib(report.offer.price_xlm_per_gib_month) },
      {
        name: hosting.maxTerm,
        value: hosting.days(report.offer.max_term_days, formatCount(report.offer.max_term_days)),
      },
    );
  }
  if (Number(report.earned_xlm) !== 0 || Number(report.at_risk_xlm) !== 0) {
    facts.push(
      { name: hosting.earned, value: `${report.earned_xlm} XLM` },
      { name: hosting.atRisk, value: `${report.at_risk_xlm} XLM` },
    );
  }
  return (
    <Card title={hosting.space}>
      <SpaceBar space={report} />
      <Facts facts={facts} />
    </Card>
  );
}
