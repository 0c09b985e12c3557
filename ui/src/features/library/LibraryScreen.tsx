import { useState } from 'react';

import { Name } from '../../design/Name';
import { ErrorNotice } from '../../design/Notice';
import { Screen, Skeleton } from '../../design/Screen';
import { useDelayed, useNow } from '../../lib/hooks';
import type { LibraryState } from '../../ipc/bindings';
import { toUiError } from '../../ipc/errors';
import { messages } from '../../messages';
import { Breadcrumbs } from './Breadcrumbs';
import { DetailsPane } from './DetailsPane';
import { FileTable } from './FileTable';
import { LibraryButtons } from './LibraryButtons';
import { LibraryEmpty } from './LibraryEmpty';
import { LibraryNotes } from './LibraryNotes';
import styles from './LibraryScreen.module.css';
import { crumbsOf, type LibraryView, nextSorting, type Sorting } from './model';
import { OpenDialogs } from './OpenDialogs';
import { useFileInfo } from './queries';
import { type LibraryAction, Toolbar } from './Toolbar';
import { useCheck } from './useCheck';
import { useChosenCommands } from './useChosenCommands';
import { useExportAll } from './useExportAll';
import { useImport } from './useImport';
import { useLibraryActions } from './useLibraryActions';
import { useFocusAfterDialog, useRowsFocus } from './useRowsFocus';
import { useTable } from './useTable';
import { useUpload } from './useUpload';

const SEARCH_DELAY_MS = 200;

export interface LibraryScreenProps {
  /** Empty at the top. */
  dir: string;
  /** Only what is so; undefined is everything. */
  state: LibraryState | undefined;
  isTrash: boolean;
  onState: (state: LibraryState | undefined) => void;
  onOpenDir: (dir: string) => void;
  onTrash: (isTrash: boolean) => void;
  onTransfers: () => void;
}

export function LibraryScreen(props: LibraryScreenProps) {
  const { dir, state, isTrash, onState, onOpenDir, onTrash, onTransfers } = props;
  const { library } = messages;
  const upload = useUpload();
  const imports = useImport();
  const exportAll = useExportAll();
  const check = useCheck();
  const nowMs = useNow();
  const [search, setSearch] = useState('');
  const [sorting, setSorting] = useState<Sorting>({ sort: 'name', isDescending: false });
  const [isDetailsShown, setDetailsShown] = useState(true);
  const restedSearch = useDelayed(search, SEARCH_DELAY_MS);
  const view: LibraryView = {
    dir: isTrash ? '' : dir,
    // What is emptied is emptied at once.
    search: search === '' ? '' : restedSearch,
    state: isTrash ? undefined : state,
    isTrash,
    ...sorting,
  };

  const table = useTable(view);
  const openDir = (opened: string) => {
    setSearch('');
    onOpenDir(opened);
  };
  const openRow = (index: number) => {
    const file = table.rows.rowAt(index);
    if (file?.kind === 'directory' && !isTrash) {
      openDir(file.name);
    } else if (file !== undefined) {
      setDetailsShown(true);
    }
  };
  const { frame, focusRows } = useRowsFocus();
  const actions = useLibraryActions(() => {
    table.reset();
    // The button that was pressed is gone with the selection.
    focusRows();
  });
  useFocusAfterDialog(actions.dialog !== null, focusRows);
  const { total, error } = table.rows;

  const chosen = [...table.selection.chosen.values()];
  const single = chosen.length === 1 ? chosen[0] : undefined;
  const info = useFileInfo(single === undefined || isTrash || !isDetailsShown ? null : single.id);
  const act = (action: LibraryAction) => {
    const byAction: Record<LibraryAction, () => void> = {
      open: () => {
        if (single !== undefined) {
          openDir(single.name);
          focusRows();
        }
      },
      download: () => actions.download.run(chosen),
      rename: () => single !== undefined && !isTrash && actions.open({ kind: 'rename', file: single }),
      export: () => single !== undefined && actions.open({ kind: 'export', file: single }),
      remove: () => chosen.length > 0 && !isTrash && actions.open({ kind: 'remove', files: chosen }),
      restore: () => actions.restore.run(chosen),
      check: () => check.start(chosen),
      share: () => single !== undefined && !actions.isBusy && actions.share.run(single),
    };
    byAction[action]();
  };
  useChosenCommands(table.selection.chosen, { isTrash, isChecking: check.running !== null }, act);
  const openFromCrumb = (opened: string) => {
    openDir(opened);
    // The crumb that was pressed is no button any more.
    focusRows();
  };
  const crumbs = crumbsOf(dir);
  const here = crumbs.at(-1);
  const openParent = () => dir !== '' && openDir(dir.slice(0, dir.lastIndexOf('/')));
  const isPaneShown = isDetailsShown && !isTrash && total !== 0;
  return (
    <Screen
      isFilled
      title={isTrash ? library.trashHeading : <Name text={here?.name ?? library.root} />}
      way={isTrash ? undefined : <Breadcrumbs above={crumbs.slice(0, -1)} onOpen={openFromCrumb} />}
      actions={
        <LibraryButtons
          isTrash={isTrash}
          // Where nothing is yet the page itself has the primary button.
          isPrimary={total !== 0}
          onChoose={upload.choose}
          onImport={imports.choose}
          onExportAll={exportAll.open}
          onTrash={onTrash}
        />
      }
    >
      <div className={styles.library}>
        <LibraryNotes actions={actions} table={table} isTrash={isTrash} onTransfers={onTransfers} />
        <Toolbar
          search={search}
          state={state}
          onState={onState}
          isTrash={isTrash}
          chosen={chosen}
          total={total}
          isDetailsShown={isDetailsShown}
          isBusy={actions.isBusy}
          onSearch={setSearch}
          onDetails={() => setDetailsShown((isShown) => !isShown)}
          onAction={act}
        />
        <div
          className={styles.panes}
          data-details={isPaneShown ? (chosen.length === 0 ? 'empty' : 'filled') : undefined}
        >
          {/* It holds the focus while there is no table that could. */}
          {/* oxlint-disable-next-line jsx-a11y/no-static-element-interactions */}
          <div
            ref={frame}
            className={styles.main}
            tabIndex={-1}
            onKeyDown={(event) => {
              if (event.target === event.currentTarget && event.key === 'Backspace') {
                event.preventDefault();
                openParent();
              }
            }}
          >
            {error !== null && (
              <div className={styles.padded}>
                <ErrorNotice
                  error={error}
                  title={library.failed}
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
                onClearSearch={() => {
                  setSearch('');
                  focusRows();
                }}
                onClearState={() => {
                  onState(undefined);
                  focusRows();
                }}
                onChoose={upload.choose}
                onImport={imports.choose}
              />
            )}
            {error === null && table.isShown && (
              <FileTable
                label={isTrash ? library.trashTable : library.table}
                viewKey={table.viewKey}
                frame={frame}
                total={total}
                rowAt={table.rows.rowAt}
                selection={table.selection}
                sorting={sorting}
                isTrash={isTrash}
                showsPath={isTrash || view.search !== '' || view.state !== undefined}
                nowMs={nowMs}
                onRange={table.setRange}
                onSort={(column) => setSorting(nextSorting(sorting, column))}
                onPress={table.press}
                onMove={table.move}
                onOpen={openRow}
                onAll={table.chooseAll}
                onClear={table.clear}
                onRemove={() => act('remove')}
                onRename={() => act('rename')}
                onParent={openParent}
              />
            )}
          </div>
          {isPaneShown && (
            <DetailsPane
              chosenCount={chosen.length}
              info={single === undefined ? undefined : info.data}
              error={info.error === null ? null : toUiError(info.error)}
              onRetry={() => info.refetch()}
              isChecking={check.running !== null}
              onCheck={() => act('check')}
              isSharing={actions.isBusy}
              onShare={() => act('share')}
            />
          )}
        </div>
      </div>
      <OpenDialogs actions={actions} />
    </Screen>
  );
}
