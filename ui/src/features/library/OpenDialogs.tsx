import { ExportDialog, RemoveDialog, RenameDialog, VersionDialog } from './dialogs';
import type { LibraryActions } from './useLibraryActions';

/** The dialog that is open, if one is. */
export function OpenDialogs({ actions }: { actions: LibraryActions }) {
  const { dialog, close } = actions;
  switch (dialog?.kind) {
    case undefined:
      return null;
    case 'rename':
      return (
        <RenameDialog
          file={dialog.file}
          isBusy={actions.rename.isRunning}
          error={actions.rename.error}
          onClose={close}
          onRename={(name) => actions.rename.start(dialog.file, name)}
        />
      );
    case 'remove':
      return (
        <RemoveDialog
          names={dialog.files.map((file) => file.name)}
          isBusy={actions.remove.isRunning}
          error={actions.remove.error}
          onClose={close}
          onRemove={() => actions.remove.runOnce(dialog.files)}
        />
      );
    case 'export':
      return (
        <ExportDialog
          file={dialog.file}
          isBusy={actions.exportFile.isRunning}
          error={actions.exportFile.error}
          onClose={close}
          onExport={(isPrivate) => actions.exportFile.runOnce({ file: dialog.file, isPrivate })}
        />
      );
    case 'version':
      return (
        <VersionDialog
          file={dialog.file}
          version={dialog.version}
          isBusy={actions.bringBack.isRunning}
          error={actions.bringBack.error}
          onClose={close}
          onBringBack={() => actions.bringBack.runOnce(dialog.version)}
        />
      );
  }
}
