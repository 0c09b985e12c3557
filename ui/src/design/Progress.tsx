import { ProgressBar } from 'react-aria-components';

import { wholePercent } from '../lib/format';
import styles from './Progress.module.css';

/** How much of something is done; without a total it only says that it is under way. */
export function Progress({ label, done, total }: { label: string; done: number; total: number }) {
  const percent = wholePercent(done, total);
  return (
    <ProgressBar className={styles.bar ?? ''} aria-label={label} value={percent} isIndeterminate={total <= 0}>
      <svg className={styles.svg} viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true">
        <rect className={styles.track} width="100" height="4" />
        <rect className={styles.fill} width={percent} height="4" />
      </svg>
    </ProgressBar>
  );
}
