import { ChevronRight } from 'lucide-react';

import { Name } from '../../design/Name';
import { messages } from '../../messages';
import styles from './Breadcrumbs.module.css';
import { crumbsOf } from './model';

/** Where in the library this is; every folder on the way can be pressed. */
export function Breadcrumbs({ dir, onOpen }: { dir: string; onOpen: (dir: string) => void }) {
  const crumbs = crumbsOf(dir);
  return (
    <nav aria-label={messages.library.breadcrumbs}>
      <ol className={styles.crumbs}>
        {crumbs.map((crumb, index) => (
          <li key={crumb.dir} className={styles.crumb}>
            {index > 0 && (
              <ChevronRight className={styles.arrow} size={16} aria-hidden="true" focusable="false" />
            )}
            {index === crumbs.length - 1 ? (
              <span className={styles.here} aria-current="page">
                <Name text={crumb.name} />
              </span>
            ) : (
              <button type="button" className={styles.link} onClick={() => onOpen(crumb.dir)}>
                <Name text={crumb.name} />
              </button>
            )}
          </li>
        ))}
      </ol>
    </nav>
  );
}
