import type { ShardState } from '../../ipc/bindings';
import { messages } from '../../messages';
import type { ShardCount } from './model';
import styles from './ShardMap.module.css';

const CELL = 12;
const STEP = 16;
const ROW = 22;
/** Cells in a row: a multiple of what people count in. */
const COLUMNS = 15;

// Besides its colour every state has a drawing of its own.
const DRAWINGS: Record<ShardState, string> = {
  healthy: '',
  unreachable: 'M3 6h6',
  corrupt: 'M3 3l6 6M9 3l-6 6',
  missing: '',
};

/** One cell a shard, those that are stored first, with a mark after the k that suffice. */
export function ShardMap({ count }: { count: ShardCount }) {
  const rows = Math.max(1, Math.ceil(count.total / COLUMNS));
  const markRow = Math.floor((count.needed - 1) / COLUMNS);
  const markX = ((count.needed - 1) % COLUMNS) * STEP + CELL + 2;
  return (
    <figure className={styles.map}>
      <svg
        viewBox={`0 0 ${COLUMNS * STEP} ${rows * ROW}`}
        width={COLUMNS * STEP}
        height={rows * ROW}
        role="img"
        aria-label={count.text}
      >
        {count.cells.map(({ shard, state }, index) => (
          <g
            key={shard}
            className={styles[state]}
            transform={`translate(${(index % COLUMNS) * STEP} ${Math.floor(index / COLUMNS) * ROW + 4})`}
          >
            <rect x={0.75} y={0.75} width={CELL - 1.5} height={CELL - 1.5} rx={2} />
            <path d={DRAWINGS[state]} />
          </g>
        ))}
        <line className={styles.mark} x1={markX} x2={markX} y1={markRow * ROW} y2={markRow * ROW + 20} />
      </svg>
      <figcaption className={styles.caption}>
        {count.text} <span className={styles.legend}>{messages.library.shardMapMark(count.needed)}</span>
      </figcaption>
    </figure>
  );
}
