import {
  ChevronRight,
  Folder,
  FolderLock,
  List,
  type LucideIcon,
  MoreHorizontal,
  RotateCw,
} from 'lucide-react';
import { Button, type Key, Tree, TreeItem, TreeItemContent } from 'react-aria-components';

import { Name } from '../../design/Name';
import { baseName, plainName } from '../../lib/format';
import { messages } from '../../messages';
import styles from './FolderTree.module.css';
import { useLibraryPlaces } from './libraryPlaces';
import { type OpenFolder, useFolders } from './useFolders';

// No folder is called so: their names begin with a slash.
const TOP = 'top';
const LINE = /^(?<line>more|wait|failed|list):(?<folder>.*)$/su;

const keyOf = (dir: string): string => (dir === '' ? TOP : dir);
const dirOf = (key: Key): string => (key === TOP ? '' : String(key));

/** A row of the tree that is no folder. */
function lineOf(id: string, text: string, Icon?: LucideIcon) {
  return (
    <TreeItem id={id} textValue={text} className={styles.item ?? ''}>
      <TreeItemContent>
        <span className={styles.chevron} />
        {Icon !== undefined && (
          <Icon className={styles.icon} size={16} aria-hidden="true" focusable="false" />
        )}
        {text}
      </TreeItemContent>
    </TreeItem>
  );
}

/** What is to say below the folders of an open one. Without a row in it no key would open it. */
function linesOf(folder: string, inside: OpenFolder | undefined) {
  const { tree } = messages.library;
  const { folders, others = null, isFailed = false } = inside ?? {};
  return (
    <>
      {isFailed && lineOf(`failed:${folder}`, tree.failed, RotateCw)}
      {!isFailed && folders === undefined && lineOf(`wait:${folder}`, messages.everywhere.loading)}
      {!isFailed && others === 'more' && lineOf(`more:${folder}`, tree.more, MoreHorizontal)}
      {!isFailed && others === 'in-list' && lineOf(`list:${folder}`, tree.inList, List)}
    </>
  );
}

/** The folders of the library as a tree beside the rows, each read when it is opened. */
export function FolderTree({ dir, onOpen }: { dir: string; onOpen: (dir: string) => void }) {
  const setOpenFolders = useLibraryPlaces((all) => all.setOpenFolders);
  const { open, known, showMore, retry } = useFolders();
  const text = messages.library.tree;

  const itemOf = (folder: string) => {
    const inside = known.get(folder);
    const isCurrent = folder === dir;
    const name = folder === '' ? messages.library.root : baseName(folder);
    return (
      <TreeItem
        key={folder}
        id={keyOf(folder)}
        textValue={plainName(name)}
        hasChildItems={inside?.folders === undefined || inside.folders.length > 0}
        className={styles.item ?? ''}
        data-current={isCurrent || undefined}
      >
        <TreeItemContent>
          {({ hasChildItems }) => (
            <>
              {hasChildItems ? (
                <Button slot="chevron" className={styles.chevron ?? ''}>
                  <ChevronRight size={14} aria-hidden="true" focusable="false" />
                </Button>
              ) : (
                <span className={styles.chevron} />
              )}
              {folder === '' ? (
                <FolderLock className={styles.icon} size={16} aria-hidden="true" focusable="false" />
              ) : (
                <Folder className={styles.icon} size={16} aria-hidden="true" focusable="false" />
              )}
              <Name text={name} />
              {isCurrent && <span className="only-spoken">{text.current}</span>}
            </>
          )}
        </TreeItemContent>
        {inside?.folders?.map(itemOf)}
        {linesOf(folder, inside)}
      </TreeItem>
    );
  };
  return (
    <nav className={styles.frame} aria-label={text.label}>
      <Tree
        aria-label={text.label}
        className={styles.tree ?? ''}
        expandedKeys={[...open].map(keyOf)}
        onExpandedChange={(expanded) => setOpenFolders([...expanded].map(dirOf))}
        onAction={(key) => {
          const { line, folder } = LINE.exec(String(key))?.groups ?? {};
          if (line === undefined || folder === undefined) {
            onOpen(dirOf(key));
          } else if (line === 'more') {
            showMore(folder);
          } else if (line === 'failed') {
            retry(folder);
          } else if (line === 'list') {
            onOpen(folder);
          }
        }}
      >
        {itemOf('')}
      </Tree>
    </nav>
  );
}
