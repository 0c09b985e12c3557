import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';

import type { ListedFile } from '../../ipc/bindings';
import { client } from '../../ipc/client';
import { keys } from '../../ipc/keys';
import { useLiveTransfers } from '../../ipc/liveTransfers';
import { refreshAnswers } from '../../ipc/refreshAnswers';
import { useCommand } from '../../ipc/useCommand';
import { baseName, formatCount, isolated, shortName } from '../../lib/format';
import { requiredContext } from '../../lib/requiredContext';
import { messages } from '../../messages';
import { named } from './named';
import { useRestore } from './useRestore';

/** What stands over the table and waits for the person. */
export type OpenDialog =
  | { kind: 'rename'; file: ListedFile }
  | { kind: 'remove'; files: readonly ListedFile[] }
  | { kind: 'export'; file: ListedFile }
  | { kind: 'version'; file: ListedFile; version: ListedFile };

/** What went well, to be said once. */
export interface Done {
  text: string;
  leadsToTransfers?: true;
}

/** By id: behind a name there may be another entry by now than the one that was chosen. */
function idsOf(files: readonly ListedFile[]): string[] {
  return files.map((file) => file.id);
}

/** How an action tells its good end: whether the library is another by it, and where it leads. */
interface Ends {
  /** Closes the dialog of the action, if it has one. What was opened meanwhile stays, with what is typed in it. */
  finish: (said: Done, dialog?: OpenDialog['kind']) => void;
  /** `ids` are the rows that are no longer where they were listed. */
  changed: (said: string, ids: readonly string[], dialog?: OpenDialog['kind']) => void;
}

/** What became of a restore, with what it was stopped before. */
function restoredWords(names: readonly string[], left: number): string {
  const { done, restore } = messages.library;
  const count = names.length;
  if (left > 0) {
    return restore.stopped(count, formatCount(count), left, formatCount(left));
  }
  return count === 1
    ? done.restored(isolated(shortName(names[0] ?? '')))
    : done.restoredMany(count, formatCount(count));
}

/** What changes the library. */
function useChanges({ finish, changed }: Ends) {
  const queryClient = useQueryClient();
  const text = messages.library.done;
  // Under another name it is still the same row.
  const rename = useCommand(
    ({ file, name }: { file: ListedFile; name: string }) =>
      named([file], () => client.fileRename({ name: file.id, new_name: name })),
    ({ name }) => changed(text.renamed(isolated(shortName(name))), [], 'rename'),
  );
  const remove = useCommand(
    (files: readonly ListedFile[]) => named(files, () => client.filesRemove({ names: idsOf(files) })),
    ({ removed }, files) => changed(text.removed(removed, formatCount(removed)), idsOf(files), 'remove'),
  );
  const restore = useRestore(({ ids, names, left }) => changed(restoredWords(names, left), ids));
  const bringBack = useCommand(
    (file: ListedFile) => named([file], () => client.fileRestore({ name: file.id, version: file.version })),
    async (_restored, { id, name, version }) => {
      // The button that was pressed goes with what it led to: while the sheet is open, or the focus would be lost.
      await queryClient.invalidateQueries({ queryKey: keys.file(id) });
      const said = text.broughtBack(formatCount(version), isolated(shortName(baseName(name))));
      finish({ text: said }, 'version');
      refreshAnswers(queryClient, keys.library);
    },
  );
  return { rename, remove, restore, bringBack };
}

/** What takes something out of the library and leaves it as it is. */
function useHandingOut({ finish }: Ends) {
  const refreshTransfers = useLiveTransfers((live) => live.refresh);
  const text = messages.library.done;
  const download = useCommand(
    (files: readonly ListedFile[]) => named(files, () => client.downloadStart({ names: idsOf(files) })),
    (started) => {
      if (started !== null) {
        finish({ text: text.download, leadsToTransfers: true });
        refreshTransfers().catch(() => undefined);
      }
    },
  );
  const exportFile = useCommand(
    ({ file, isPrivate }: { file: ListedFile; isPrivate: boolean }) =>
      named([file], () => client.exportManifest({ name: file.id, private: isPrivate })),
    (written) => {
      if (written !== null) {
        finish({ text: text.exported(isolated(shortName(written.path))) }, 'export');
      }
    },
  );
  // The link itself never comes here.
  const share = useCommand(
    (file: ListedFile) => named([file], () => client.shareCopy({ name: file.id })),
    (_link, { kind }) => finish({ text: kind === 'directory' ? text.sharedFolder : text.shared }),
  );
  return { download, exportFile, share };
}

/**
 * Everything that can be done with rows of the library, each with its dialog, its failure and its good end. It goes on
 * while the person looks at another screen, and says there what became of it.
 */
export function useLibraryActionsFlow() {
  const queryClient = useQueryClient();
  const [dialog, setDialog] = useState<OpenDialog | null>(null);
  const [done, setDone] = useState<Done | null>(null);
  const [gone, setGone] = useState<readonly string[]>([]);

  const finish: Ends['finish'] = (said, ended) => {
    setDialog((shown) => (shown?.kind === ended ? null : shown));
    setDone(said);
  };
  const changed: Ends['changed'] = (said, ids, ended) => {
    finish({ text: said }, ended);
    setGone(ids);
    refreshAnswers(queryClient, keys.library);
  };
  const { rename, remove, restore, bringBack } = useChanges({ finish, changed });
  const { download, exportFile, share } = useHandingOut({ finish, changed });

  const commands = [rename, remove, bringBack, download, exportFile, share];
  const open = (next: OpenDialog) => {
    for (const command of commands) {
      // What still runs says itself how it ends.
      if (!command.isRunning) {
        command.reset();
      }
    }
    setDone(null);
    setDialog(next);
  };
  return {
    dialog,
    open,
    close: () => setDialog(null),
    done,
    forgetDone: () => setDone(null),
    /** The rows that the last change took from where they were; another list for every change. */
    gone,
    /** What can fail without a dialog that shows it. */
    failures: [
      { command: download, next: messages.library.download.next },
      { command: share, next: undefined },
    ],
    isBusy: restore.isRunning || download.isRunning || share.isRunning,
    rename: {
      ...rename,
      start: (file: ListedFile, name: string) => {
        rename.runOnce({ file, name });
      },
    },
    remove,
    restore,
    bringBack,
    download: { ...download, run: download.runOnce },
    exportFile,
    share: {
      ...share,
      run: (file: ListedFile) => {
        // The note about an earlier link would be read as one about this.
        setDone(null);
        share.runOnce(file);
      },
    },
  };
}

export type LibraryActions = ReturnType<typeof useLibraryActionsFlow>;

export const [LibraryActionsContext, useLibraryActions] = requiredContext<LibraryActions>(
  'the actions of the library',
);
