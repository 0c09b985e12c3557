import { CommandError, ErrorNotice, Note } from '../../design/Notice';
import { formatCount } from '../../lib/format';
import { messages } from '../../messages';
import styles from './LibraryScreen.module.css';
import { settle } from './choosing';
import { MAX_SELECTED } from './selection';
import type { LibraryActions } from './useLibraryActions';
import type { Table } from './useTable';

/** What became of the last thing that was done with rows. */
export function LibraryNotes({
  actions,
  table,
  isTrash,
  onRetry,
  onTransfers,
}: {
  actions: LibraryActions;
  table: Table;
  isTrash: boolean;
  onRetry: () => void;
  onTransfers: () => void;
}) {
  const { library, everywhere } = messages;
  const { done } = actions;
  const toTransfers = {
    text: library.done.show,
    onPress: () => {
      actions.forgetDone();
      onTransfers();
    },
  };
  return (
    <div className={styles.notes}>
      {/* An empty trash says it itself. */}
      {isTrash && table.rows.total !== 0 && <p className={styles.kept}>{library.trashKept}</p>}
      {actions.failures.map(({ command, next }, index) => (
        // There are always the same ones.
        // eslint-disable-next-line react/no-array-index-key
        <CommandError key={index} command={command} next={next} />
      ))}
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
      {table.fetched.isTooMany && <Note>{library.tooMany(formatCount(MAX_SELECTED))}</Note>}
      {done !== null && (
        <Note onClose={actions.forgetDone} {...(done.leadsToTransfers ? { action: toTransfers } : {})}>
          {done.text}
        </Note>
      )}
    </div>
  );
}
