import {
  CloudUpload,
  FilePlus2,
  FolderPlus,
  SearchX,
  ShieldCheck,
  ShieldQuestion,
  Trash2,
} from 'lucide-react';

import { Button } from '../../design/Button';
import { EmptyState } from '../../design/EmptyState';
import { shortName } from '../../lib/format';
import { messages } from '../../messages';
import styles from './LibraryScreen.module.css';
import type { LibraryView } from './model';

export interface LibraryEmptyProps {
  view: LibraryView;
  onClearSearch: () => void;
  onClearState: () => void;
  onChoose: (what: 'files' | 'folder') => void;
}

/** Why there are no rows, and what to do about it. */
export function LibraryEmpty({ view, onClearSearch, onClearState, onChoose }: LibraryEmptyProps) {
  const { library } = messages;
  if (view.search !== '') {
    return (
      <EmptyState
        icon={SearchX}
        title={library.emptySearch.title}
        text={library.emptySearch.text(shortName(view.search))}
      >
        <Button onPress={onClearSearch}>{library.emptySearch.clear}</Button>
      </EmptyState>
    );
  }
  if (view.state !== undefined) {
    const text = library.emptyState[view.state];
    return (
      <EmptyState icon={view.state === 'safe' ? ShieldQuestion : ShieldCheck} {...text}>
        <Button onPress={onClearState}>{library.emptyState.clear}</Button>
      </EmptyState>
    );
  }
  if (view.isTrash) {
    return <EmptyState icon={Trash2} title={library.emptyTrash.title} text={library.emptyTrash.text} />;
  }
  const text = view.dir === '' ? library.empty : library.emptyFolder;
  return (
    <EmptyState icon={CloudUpload} title={text.title} text={text.text}>
      <div className={styles.buttons}>
        <Button look="primary" icon={FilePlus2} onPress={() => onChoose('files')}>
          {library.uploadFiles}
        </Button>
        <Button icon={FolderPlus} onPress={() => onChoose('folder')}>
          {library.uploadFolder}
        </Button>
      </div>
      {view.dir === '' && <p className={styles.how}>{library.empty.how}</p>}
    </EmptyState>
  );
}
