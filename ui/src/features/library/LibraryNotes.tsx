import { ErrorNotice, Note } from '../../design/Notice';
import { formatCount, isolated, shortName } from '../../lib/format';
import { messages } from '../../messages';
import styles from './LibraryScreen.module.css';
import { settle } from './choosing';
import { MAX_SELECTED } from './selection';
import type { Table } from './useTable';

/** What is to say of the rows that are shown. */
export function LibraryNotes({
  table,
  isTrash,
  isSearched,
  onRetry,
}: {
  table: Table;
  isTrash: boolean;
  isSearched: boolean;
  onRetry: () => void;
}) {
  const { library, everywhere } = messages;
  return (
    <div className={styles.notes}>
      {/* An empty trash says it itself. */}
      {isTrash && table.rows.total !== 0 && <p className={styles.kept}>{library.trashKept}</p>}
      {table.rows.outdated !== null && (
        <ErrorNotice
          error={table.rows.outdated}
          title={everywhere.outOfDate}
          onRetry={() => table.rows.retry()}
        />
      )}
      {table.rows.part !== null && (
        <ErrorNotice
          error={table.rows.part}
          title={library.partFailed}
          onRetry={() => {
            // The button goes with the notice.
            onRetry();
            settle(table.rows.retryPart());
          }}
        />
      )}
      {table.fetched.failure !== null && (
        <ErrorNotice
          error={table.fetched.failure}
          title={everywhere.loadFailed}
          onClose={table.fetched.forget}
        />
      )}
      {/* What a search leaves out is where it was. */}
      {table.fetched.missed !== null && !isSearched && (
        <Note onClose={table.fetched.forget}>
          {library.missed(isolated(shortName(table.fetched.missed)))}
        </Note>
      )}
      {table.fetched.isTooMany && <Note>{library.tooMany(formatCount(MAX_SELECTED))}</Note>}
    </div>
  );
}
