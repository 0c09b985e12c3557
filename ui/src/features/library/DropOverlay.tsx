import { HardDriveUpload } from 'lucide-react';

import { formatCount, isolated, shortName } from '../../lib/format';
import { messages } from '../../messages';
import styles from './DropOverlay.module.css';

/** Covers the window while files are held over it, and names where they would go. */
export function DropOverlay({ destination, count }: { destination: string; count: number | undefined }) {
  const { drop, root } = messages.library;
  return (
    <div className={styles.overlay} role="status">
      <div className={styles.card}>
        <HardDriveUpload size={44} strokeWidth={1.25} aria-hidden="true" focusable="false" />
        <p className={styles.title}>
          {drop.title(isolated(destination === '' ? root : shortName(destination)))}
        </p>
        {count !== undefined && <p>{drop.count(count, formatCount(count))}</p>}
        <p className={styles.quiet}>{drop.text}</p>
      </div>
    </div>
  );
}
