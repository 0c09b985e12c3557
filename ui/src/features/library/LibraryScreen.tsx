import { Name } from '../../design/Name';
import { Screen } from '../../design/Screen';
import type { LibraryState } from '../../ipc/bindings';
import { messages } from '../../messages';
import { Breadcrumbs } from './Breadcrumbs';
import { ChosenDetails } from './ChosenDetails';
import { FolderTree } from './FolderTree';
import { LibraryButtons } from './LibraryButtons';
import { LibraryNotes } from './LibraryNotes';
import { LibraryRows } from './LibraryRows';
import styles from './LibraryScreen.module.css';
import { crumbsOf } from './model';
import { Toolbar } from './Toolbar';
import { useExportAll } from './useExportAll';
import { useImport } from './useImport';
import { useIsWide } from './useIsWide';
import { useLibrary } from './useLibrary';
import { useUpload } from './useUpload';

export interface LibraryScreenProps {
  /** Empty at the top. */
  dir: string;
  /** Only what is so; undefined is everything. */
  state: LibraryState | undefined;
  isTrash: boolean;
  onState: (state: LibraryState | undefined) => void;
  /** The name of the row in it that the window was led to. */
  at?: string | undefined;
  /** `at` is the row to stand on there. */
  onOpenDir: (dir: string, at?: string) => void;
  onTrash: (isTrash: boolean) => void;
}

export function LibraryScreen(props: LibraryScreenProps) {
  const { dir, state, isTrash, onState, onTrash } = props;
  const text = messages.library;
  const upload = useUpload();
  const imports = useImport();
  const exportAll = useExportAll();
  const library = useLibrary(props);
  const { table, chosen } = library;
  const { total } = table.rows;
  const crumbs = crumbsOf(dir);
  const hasTree = useIsWide() && !isTrash;
  const isPaneShown = library.isDetailsShown && total !== 0;
  return (
    <Screen
      isFilled
      title={isTrash ? text.trashHeading : <Name text={crumbs.at(-1)?.name ?? text.root} />}
      way={isTrash ? undefined : <Breadcrumbs above={crumbs.slice(0, -1)} onOpen={library.openAbove} />}
      actions={
        <LibraryButtons
          isTrash={isTrash}
          // Where nothing is yet the page itself has the primary button.
          isPrimary={total !== 0}
          onChoose={upload.choose}
          onImport={imports.choose}
          onImportCopied={imports.takeCopied}
          onExportAll={exportAll.open}
          onTrash={onTrash}
        />
      }
    >
      <div className={styles.frame}>
        <div className={styles.library}>
          <LibraryNotes
            table={table}
            isTrash={isTrash}
            isSearched={library.view.search !== ''}
            onRetry={library.focusRows}
          />
          <Toolbar
            search={library.search}
            state={state}
            onState={onState}
            isTrash={isTrash}
            chosen={chosen}
            tools={library.tools}
            total={total}
            isDetailsShown={library.isDetailsShown}
            onSearch={library.setSearch}
            onDetails={library.toggleDetails}
            onAction={library.act}
          />
          <div
            className={styles.panes}
            data-tree={hasTree || undefined}
            data-details={isPaneShown ? (chosen.length === 0 ? 'empty' : 'filled') : undefined}
          >
            {hasTree && <FolderTree dir={dir} onOpen={library.openTreeFolder} />}
            <LibraryRows library={library} />
            {isPaneShown && <ChosenDetails library={library} />}
          </div>
        </div>
      </div>
    </Screen>
  );
}
