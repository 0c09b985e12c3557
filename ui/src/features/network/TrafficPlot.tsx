import { scaleLinear } from 'd3-scale';
import { area, curveStepBefore, line } from 'd3-shape';

import { formatRate } from '../../lib/format';
import { KEPT_MS, peaks, type PlotPoint, type Rates } from '../../lib/traffic';
import { messages } from '../../messages';
import styles from './TrafficPlot.module.css';

const WIDTH = 600;
const HEIGHT = 120;
/** The lowest top of the plot: less than this is no traffic to speak of, and looks like it. */
const LEAST_TOP_PER_S = 10_000;
/** About how many steps the top is a round number of: more would leave it less round, fewer the plot lower. */
const ROUNDING = 4;

/** The rates of the last minutes, as steps: what is sent as an area, what is received as a dashed line. */
export function TrafficPlot({ drawn, nowMs }: { drawn: readonly PlotPoint[][]; nowMs: number }) {
  const { traffic } = messages.network;
  const highest = peaks(drawn);
  const x = scaleLinear([nowMs - KEPT_MS, nowMs], [0, WIDTH]);
  const most = Math.max(LEAST_TOP_PER_S, highest.upPerS, highest.downPerS);
  const y = scaleLinear([0, most], [HEIGHT, 0]).nice(ROUNDING);
  const [, top = LEAST_TOP_PER_S] = y.domain();
  const lineOf = (rate: keyof Rates) =>
    line<PlotPoint>(
      (point) => x(point.atMs),
      (point) => y(point[rate]),
    ).curve(curveStepBefore);
  const areaOf = area<PlotPoint>(
    (point) => x(point.atMs),
    HEIGHT,
    (point) => y(point.upPerS),
  ).curve(curveStepBefore);
  const paths = (shape: (run: PlotPoint[]) => string | null) => drawn.map((run) => shape(run) ?? '').join('');
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
        <path className={styles.area} d={paths(areaOf)} />
        <path className={styles.up} d={paths(lineOf('upPerS'))} />
        <path className={styles.down} d={paths(lineOf('downPerS'))} />
      </svg>
      <span>{traffic.begin}</span>
      <span className={styles.now}>{traffic.now}</span>
    </div>
  );
}
