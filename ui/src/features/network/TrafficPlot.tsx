import { formatRate } from '../../lib/format';
import { type Position, roundTop, steps, stepsDownTo } from '../../lib/stepPath';
import { KEPT_MS, peaks, type PlotPoint, type Rates } from '../../lib/traffic';
import { messages } from '../../messages';
import styles from './TrafficPlot.module.css';

const WIDTH = 600;
const HEIGHT = 120;
/** The lowest top of the plot: less than this is no traffic to speak of, and looks like it. */
const LEAST_TOP_PER_S = 10_000;
/** The rates of the last minutes, as steps: what is sent as an area, what is received as a dashed line. */
export function TrafficPlot({ drawn, nowMs }: { drawn: readonly PlotPoint[][]; nowMs: number }) {
  const { traffic } = messages.network;
  const highest = peaks(drawn);
  const top = roundTop(Math.max(LEAST_TOP_PER_S, highest.upPerS, highest.downPerS));
  const at = (point: PlotPoint, rate: keyof Rates): Position => ({
    x: WIDTH * (1 - (nowMs - point.atMs) / KEPT_MS),
    y: HEIGHT * (1 - point[rate] / top),
  });
  const line = (rate: keyof Rates) => drawn.map((run) => steps(run.map((point) => at(point, rate)))).join('');
  const filled = drawn
    .map((run) =>
      stepsDownTo(
        HEIGHT,
        run.map((point) => at(point, 'upPerS')),
      ),
    )
    .join('');
  const label = traffic.plot(formatRate(highest.upPerS), formatRate(highest.downPerS));
  return (
    // Time runs as it does in every plot, whatever the direction of the text.
    <div className={styles.plot} dir="ltr">
      <span className={styles.top}>{formatRate(top)}</span>
      <svg
        className={styles.svg}
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={label}
      >
        <path className={styles.grid} d={`M0,0H${WIDTH}M0,${HEIGHT / 2}H${WIDTH}M0,${HEIGHT}H${WIDTH}`} />
        <path className={styles.area} d={filled} />
        <path className={styles.up} d={line('upPerS')} />
        <path className={styles.down} d={line('downPerS')} />
      </svg>
      <span>{traffic.begin}</span>
      <span className={styles.now}>{traffic.now}</span>
    </div>
  );
}
