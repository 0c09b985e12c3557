import { ErrorNotice } from '../../design/Notice';
import { Skeleton } from '../../design/Screen';
import { useNow } from '../../lib/hooks';
import { messages } from '../../messages';
import { FileTable } from './FileTable';
import { LibraryEmpty } from './LibraryEmpty';
import styles from './LibraryScreen.module.css';
import type { Library } from './useLibrary';
import { useImport } from './useImport';
import { useUpload } from './useUpload';

/** The rows, or why there are none. It holds the focus while there is no table that could. */
export function LibraryRows({ library }: { library: Library }) {
  const upload = useUpload();
  const imports = useImport();
  const { view, table, frame, focusRows } = library;
  const { total, error } = table.rows;
  return (
    // oxlint-disable-next-line jsx-a11y/no-static-element-interactions
    <div
      ref={frame}
      className={styles.main}
      tabIndex={-1}
      onKeyDown={(event) => {
        if (event.target === event.currentTarget && event.key === 'Backspace') {
          event.preventDefault();
          library.openParent();
        }
      }}
    >
      {error !== null && (
        <div className={styles.padded}>
          <ErrorNotice
            error={error}
            title={messages.library.failed}
            onRetry={() => {
              focusRows();
              table.rows.retry();
            }}
          />
        </div>
      )}
      {error === null && total === undefined && !table.isShown && (
        <div className={styles.padded}>
          <Skeleton label={messages.everywhere.loading} rows={8} />
        </div>
      )}
      {error === null && total === 0 && (
        <LibraryEmpty
          view={view}
          onClearSearch={library.clearSearch}
          onClearState={library.clearState}
          onChoose={upload.choose}
          onImport={imports.choose}
        />
      )}
      {error === null && table.isShown && <Rows library={library} />}
    </div>
  );
}

function Rows({ library }: { library: Library }) {
  const { view, table, act } = library;
  const nowMs = useNow();
  return (
    <FileTable
      label={view.isTrash ? messages.library.trashTable : messages.library.table}
      viewKey={table.viewKey}
      frame={library.frame}
      total={table.rows.total}
      rowAt={table.rows.rowAt}
      chosen={table.chosen}
      cursor={table.cursor}
      isCursorKnown={table.isCursorKnown}
      revealed={table.revealed}
      sorting={library.sorting}
      isTrash={view.isTrash}
      showsPath={view.isTrash || view.search !== '' || view.state !== undefined}
      nowMs={nowMs}
      onRange={table.setRange}
      onSort={library.sortBy}
      onPress={table.press}
      onMove={table.move}
      onOpen={library.openRow}
      onAll={table.chooseAll}
      onClear={table.clear}
      onRemove={() => act('remove')}
      onRename={() => act('rename')}
      onParent={library.openParent}
    />
  );
}
