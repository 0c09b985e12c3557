import { CommandError, ErrorNotice, Note } from '../design/Notice';
import { ActionNotes } from '../features/library/ActionNotes';
import { HostWorkNotes } from '../features/library/HostWorkNotes';
import { useCheck } from '../features/library/useCheck';
import { useExportAll } from '../features/library/useExportAll';
import { useImport } from '../features/library/useImport';
import { useRepair } from '../features/library/useRepair';
import { useUpload } from '../features/library/useUpload';
import { messages } from '../messages';
import { RefusedNote } from './RefusedNote';

/** What uploads, imports, checks and repairs have to say, on whichever screen they were begun. */
export function WindowNotes({ onTransfers }: { onTransfers: () => void }) {
  const { done, drop, startFailed } = messages.library;
  const upload = useUpload();
  const imports = useImport();
  const exportAll = useExportAll();
  return (
    <>
      <RefusedNote />
      <CommandError command={upload.chooseFailure} />
      <CommandError command={upload.startFailure} title={startFailed} />
      <CommandError command={imports.chooseFailure} next={messages.library.import.next} />
      <CommandError command={imports.openFailure} next={messages.library.import.next} />
      {upload.refused !== null && (
        <ErrorNotice error={upload.refused} title={drop.refused} onClose={upload.forgetRefused} />
      )}
      {upload.hasStarted && (
        <Note
          onClose={upload.forgetStarted}
          action={{
            text: done.show,
            onPress: () => {
              upload.forgetStarted();
              onTransfers();
            },
          }}
        >
          {done.upload}
        </Note>
      )}
      {imports.done !== null && <Note onClose={imports.forgetDone}>{imports.done}</Note>}
      {exportAll.done !== null && <Note onClose={exportAll.forgetDone}>{exportAll.done}</Note>}
      <ActionNotes onTransfers={onTransfers} />
      <HostWorkNotes work={useCheck()} text={messages.library.check} />
      <HostWorkNotes work={useRepair()} text={messages.library.repair} />
    </>
  );
}
