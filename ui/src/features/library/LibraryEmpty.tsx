import {
  CloudUpload,
  FileInput,
  FilePlus2,
  FolderPlus,
  SearchX,
  ShieldCheck,
  ShieldQuestion,
  Trash2,
} from 'lucide-react';

import { Answered } from '../../design/Answered';
import { Button } from '../../design/Button';
import { EmptyState } from '../../design/EmptyState';
import { useStateName } from '../../design/StateMark';
import type { StateWord } from '../../design/states';
import { useShellState } from '../../ipc/useShellState';
import { isolated, shortName } from '../../lib/format';
import { useIsTryOut } from '../../lib/tryOut';
import { messages } from '../../messages';
import styles from './LibraryScreen.module.css';
import type { LibraryView } from './model';

export interface LibraryEmptyProps {
  view: LibraryView;
  onClearSearch: () => void;
  onClearState: () => void;
  onChoose: (what: 'files' | 'folder') => void;
  onImport: () => void;
}

/** Why there are no rows, and what to do about it. */
export function LibraryEmpty(props: LibraryEmptyProps) {
  const { view, onClearSearch, onClearState, onChoose, onImport } = props;
  const { library } = messages;
  const nameOf = useStateName();
  const isOnlyHere = useIsTryOut();
  if (view.search !== '') {
    return (
      <EmptyState icon={SearchX} title={library.emptySearch.title} text={searchedWords(view, nameOf)}>
        <div className={styles.buttons}>
          <Button onPress={onClearSearch}>{library.emptySearch.clear}</Button>
          {view.state !== undefined && <Button onPress={onClearState}>{library.emptyState.clear}</Button>}
        </div>
      </EmptyState>
    );
  }
  if (view.state !== undefined) {
    const text = library.emptyState[view.state === 'safe' && isOnlyHere ? 'safeTryOut' : view.state];
    return (
      <EmptyState icon={view.state === 'safe' ? ShieldQuestion : ShieldCheck} {...text}>
        <Button onPress={onClearState}>{library.emptyState.clear}</Button>
      </EmptyState>
    );
  }
  if (view.isTrash) {
    return <EmptyState icon={Trash2} title={library.emptyTrash.title} text={library.emptyTrash.text} />;
  }
  return view.dir === '' ? (
    <EmptyTop onChoose={onChoose} onImport={onImport} />
  ) : (
    <EmptyState icon={CloudUpload} {...library.emptyFolder}>
      <Uploads onChoose={onChoose} />
    </EmptyState>
  );
}

/** Where a search looked: a folder, a filter and the trash leave names out that the library has. */
function searchedWords(
  { search, state, dir, isTrash }: LibraryView,
  nameOf: (word: StateWord) => string,
): string {
  const { emptySearch, filter } = messages.library;
  const stateName =
    state === 'safe' || state === 'waiting'
      ? nameOf(state)
      : filter.either(nameOf('atRisk'), nameOf('needsYou'));
  const within = state === undefined ? '' : emptySearch.withState(stateName);
  const where = isTrash ? emptySearch.inTrash : dir === '' ? '' : emptySearch.inFolder;
  return emptySearch.text(isolated(shortName(search)), within, where);
}

/** A library without files. Whether it is new must be known before that is said. */
function EmptyTop({ onChoose, onImport }: Pick<LibraryEmptyProps, 'onChoose' | 'onImport'>) {
  const shell = useShellState();
  return (
    <div className={styles.top}>
      <Answered query={shell} failed={messages.library.emptyUnknown} rows={2}>
        {({ restored }) =>
          restored ? <EmptyRestored onImport={onImport} /> : <EmptyNew onChoose={onChoose} />
        }
      </Answered>
    </div>
  );
}

/** The library of a restored identity whose list has not come back. */
function EmptyRestored({ onImport }: Pick<LibraryEmptyProps, 'onImport'>) {
  const { library, onboarding } = messages;
  return (
    <EmptyState icon={FileInput} title={library.emptyRestored} text={onboarding.restored.about}>
      <div className={styles.buttons}>
        <Button look="primary" icon={FileInput} onPress={onImport}>
          {onboarding.restored.import}
        </Button>
      </div>
    </EmptyState>
  );
}

function EmptyNew({ onChoose }: Pick<LibraryEmptyProps, 'onChoose'>) {
  const { library } = messages;
  const isOnlyHere = useIsTryOut();
  return (
    <EmptyState icon={CloudUpload} title={library.empty.title} text={library.empty.text}>
      <Uploads onChoose={onChoose} />
      <p className={styles.how}>{isOnlyHere ? library.empty.howTryOut : library.empty.how}</p>
    </EmptyState>
  );
}

function Uploads({ onChoose }: Pick<LibraryEmptyProps, 'onChoose'>) {
  const { library } = messages;
  return (
    <div className={styles.buttons}>
      <Button look="primary" icon={FilePlus2} onPress={() => onChoose('files')}>
        {library.uploadFiles}
      </Button>
      <Button icon={FolderPlus} onPress={() => onChoose('folder')}>
        {library.uploadFolder}
      </Button>
    </div>
  );
}
