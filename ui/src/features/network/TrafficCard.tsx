import { Card } from '../../design/Screen';
import type { Traffic } from '../../ipc/bindings';
import { useLiveTraffic } from '../../ipc/liveTraffic';
import { formatBytes, formatRate } from '../../lib/format';
import { useNow } from '../../lib/hooks';
import { hasGap, plotRuns, type Rates, ratesNow } from '../../lib/traffic';
import { messages } from '../../messages';
import { TrafficPlot } from './TrafficPlot';
import styles from './TrafficPlot.module.css';

/** As often as the shell looks at the node; what is drawn moves by a hair then. */
const BEAT_MS = 2000;

/** How fast data comes and goes, now and in the last minutes. */
export function TrafficCard({ total }: { total: Traffic }) {
  const { traffic } = messages.network;
  const log = useLiveTraffic((state) => state.log);
  // What was heard since the last beat is later than that.
  const nowMs = Math.max(useNow(BEAT_MS), log.samples.at(-1)?.atMs ?? 0);
  const isInFront = document.hasFocus();
  const drawn = plotRuns(log, nowMs, isInFront);
  return (
    <Card title={traffic.title}>
      <p className="tabular">{ratesInWords(ratesNow(log, nowMs, isInFront))}</p>
      {drawn.length > 0 && (
        <>
          <Legend />
          <TrafficPlot drawn={drawn} nowMs={nowMs} />
          {hasGap(log, nowMs) && <p className={styles.quiet}>{traffic.gap}</p>}
        </>
      )}
      <p className={styles.quiet}>
        {traffic.total(formatBytes(total.up_bytes), formatBytes(total.down_bytes))}
      </p>
    </Card>
  );
}

function ratesInWords(rates: Rates | null): string {
  const { unknown, still, moving } = messages.network.traffic;
  if (rates === null) {
    return unknown;
  }
  return rates.upPerS === 0 && rates.downPerS === 0
    ? still
    : moving(formatRate(rates.upPerS), formatRate(rates.downPerS));
}

function Legend() {
  const { traffic } = messages.network;
  return (
    <ul className={styles.legend}>
      {(['up', 'down'] as const).map((way) => (
        <li key={way}>
          <svg className={styles.mark} viewBox="0 0 28 8" aria-hidden="true" focusable="false">
            <path className={styles[way]} d="M0,4H28" />
          </svg>
          {traffic[way]}
        </li>
      ))}
    </ul>
  );
}
