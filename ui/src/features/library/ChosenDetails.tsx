import { Answered } from '../../design/Answered';
import type { ListedFile } from '../../ipc/bindings';
import { DetailsPane, FileDetails, TrashedDetails } from './DetailsPane';
import { useFileInfo } from './queries';
import type { Library } from './useLibrary';

/** The details of the one that is chosen. */
export function ChosenDetails({ library }: { library: Library }) {
  const { chosen, view } = library;
  const [file] = chosen;
  return (
    <DetailsPane chosenCount={chosen.length} isTrash={view.isTrash}>
      {file !== undefined && view.isTrash && <TrashedDetails file={file} />}
      {file !== undefined && !view.isTrash && <StoredDetails file={file} library={library} />}
    </DetailsPane>
  );
}

function StoredDetails({ file, library }: { file: ListedFile; library: Library }) {
  const info = useFileInfo(file);
  return (
    <Answered query={info}>
      {(answer) => (
        <FileDetails
          info={answer}
          isChecking={library.isChecking}
          onCheck={() => library.act('check')}
          onThorough={() => library.act('thorough')}
          isRepairing={library.isRepairing}
          onRepair={() => library.act('repair')}
          isSharing={library.actions.isBusy}
          onShare={() => library.act('share')}
          onBringBack={(version) => library.actions.open({ kind: 'version', file: answer, version })}
        />
      )}
    </Answered>
  );
}
