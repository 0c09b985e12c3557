import type { HostingSpace } from '../ipc/bindings';
import { formatBytes } from '../lib/format';
import { messages } from '../messages';
import styles from './SpaceBar.module.css';

/** Used and reserved space of the quota. The numbers stand beside it as text. */
export function SpaceBar({ space }: { space: HostingSpace }) {
  // A quota lowered below what is stored leaves the bar full, never overflowing.
  const whole = Math.max(space.quota_bytes, space.used_bytes + space.reserved_bytes, 1);
  const label = messages.hosting.bar(
    formatBytes(space.used_bytes),
    formatBytes(space.reserved_bytes),
    formatBytes(space.quota_bytes),
  );
  const used = (100 * space.used_bytes) / whole;
  return (
    <svg className={styles.bar} viewBox="0 0 100 4" preserveAspectRatio="none" role="img" aria-label={label}>
      <rect className={styles.track} width="100" height="4" />
      <rect className={styles.used} width={used} height="4" />
      <rect className={styles.reserved} x={used} width={(100 * space.reserved_bytes) / whole} height="4" />
    </svg>
  );
}
