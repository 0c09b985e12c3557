import type { Health } from '../../ipc/node';
import { messages } from '../../messages';
import { healthDanger } from './model';
import styles from './HealthBar.module.css';

const CELL = 9;
const GAP = 5;
const HEIGHT = 14;

/** One cell a shard: filled while it is stored, with a mark after the k that suffice. */
export function HealthBar({ health }: { health: Health }) {
  const { alive, needed, total } = health;
  const step = CELL + GAP;
  return (
    <div className={styles.health} data-danger={healthDanger(health)}>
      <svg
        viewBox={`0 0 ${total * step} ${HEIGHT + 4}`}
        width={total * step}
        height={HEIGHT + 4}
        aria-hidden="true"
        focusable="false"
      >
        {Array.from({ length: total }, (_, index) => (
          <rect
            key={`shard-${index}`}
            className={index < alive ? styles.stored : styles.absent}
            x={index * step}
            y={2}
            width={CELL}
            height={HEIGHT}
            rx={2}
          />
        ))}
        <line
          className={styles.mark}
          x1={needed * step - GAP / 2}
          x2={needed * step - GAP / 2}
          y1={0}
          y2={HEIGHT + 4}
        />
      </svg>
      <span>{messages.library.healthText(alive, needed, total)}</span>
    </div>
  );
}
