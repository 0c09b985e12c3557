import { Card } from '../../design/Screen';
import type { AgreementsReport } from '../../ipc/bindings';
import { formatCount } from '../../lib/format';
import { useXlm } from '../../lib/money';
import { formatDay } from '../../lib/time';
import { messages } from '../../messages';
import styles from './Agreements.module.css';
import { nextTermXlm, type RunwayEnd, runwayEnds, runwayWords } from './model';

const WIDTH = 600;
const HEIGHT = 40;
/** Room for the largest mark at both ends. */
const EDGE = 10;
const LEAST_RADIUS = 4;
const MOST_RADIUS = 9;

/** For how long storage is paid for, and when which agreements end. */
export function Runway({ report }: { report: AgreementsReport }) {
  const { runway } = messages.agreements;
  const ends = runwayEnds(report);
  const days = report.runway_days;
  const xlm = useXlm();
  const nextTerm = nextTermXlm(report);
  if (ends.length === 0) {
    return (
      <Card title={runway.title}>
        <p>{runway.none}</p>
      </Card>
    );
  }
  return (
    <Card title={runway.title}>
      <p className={styles.figure}>
        {days === null || days === 0 ? runway.over : runway.days(days, formatCount(days))}
      </p>
      <Calendar ends={ends} />
      <p className={styles.quiet}>{runway.about}</p>
      {nextTerm !== null && <p>{runway.nextTerm(xlm(nextTerm))}</p>}
      <p>{runway.afterwards}</p>
    </Card>
  );
}

/** The way from now to the last end, with a mark for each end: the larger, the more agreements end there. */
function Calendar({ ends }: { ends: readonly RunwayEnd[] }) {
  const { runway } = messages.agreements;
  const most = Math.max(...ends.map(({ count }) => count));
  const radius = (count: number) => LEAST_RADIUS + (MOST_RADIUS - LEAST_RADIUS) * Math.sqrt(count / most);
  const last = ends.at(-1);
  return (
    // Time runs as it does in every plot, whatever the direction of the text.
    <figure className={styles.calendar} dir="ltr">
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={runwayWords(ends)}>
        <path className={styles.way} d={`M${EDGE},${HEIGHT / 2}H${WIDTH - EDGE}`} />
        <path className={styles.today} d={`M${EDGE},4V${HEIGHT - 4}`} />
        {ends.map(({ at, count, part }) => (
          <circle
            key={at}
            className={styles.end}
            cx={EDGE + part * (WIDTH - 2 * EDGE)}
            cy={HEIGHT / 2}
            r={radius(count)}
          />
        ))}
      </svg>
      <figcaption className={styles.axis}>
        <span>{runway.now}</span>
        <span>{last === undefined ? '' : formatDay(last.at)}</span>
      </figcaption>
      <ul className={styles.endList}>
        {ends.map(({ at, count }) => (
          <li key={at}>{runway.end(formatCount(count), formatDay(at))}</li>
        ))}
      </ul>
    </figure>
  );
}
