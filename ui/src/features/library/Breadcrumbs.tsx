import { ChevronRight } from 'lucide-react';

import { Name } from '../../design/Name';
import { messages } from '../../messages';
import styles from './Breadcrumbs.module.css';
import type { Crumb } from './model';

/** The folders above this one, each of which can be pressed; nothing at the top. */
export function Breadcrumbs({ above, onOpen }: { above: readonly Crumb[]; onOpen: (dir: string) => void }) {
  if (above.length === 0) {
    return null;
  }
  return (
    <nav aria-label={messages.library.breadcrumbs}>
      <ol className={styles.crumbs}>
        {above.map((crumb) => (
          <li key={crumb.dir} className={styles.crumb}>
            <button type="button" className={styles.link} onClick={() => onOpen(crumb.dir)}>
              <Name text={crumb.name} />
            </button>
            <ChevronRight className={styles.arrow} size={16} aria-hidden="true" focusable="false" />
          </li>
        ))}
      </ol>
    </nav>
  );
}
