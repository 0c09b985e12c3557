import { useState } from 'react';

import type { ListedFile, UiError } from '../../ipc/bindings';
import { client } from '../../ipc/client';
import { toUiError } from '../../ipc/errors';
import { useCommand } from '../../ipc/useCommand';
import { named } from './named';
import { useRestoreProgress } from './restoreProgress';

/** What could not be brought back, and why. */
export interface FailedRestore {
  file: ListedFile;
  error: UiError;
}

interface Restored {
  ids: string[];
  names: string[];
  failed: FailedRestore[];
  /** So many were not tried: it was stopped. */
  left: number;
}

async function restoreAll(files: readonly ListedFile[]): Promise<Restored> {
  const restored: Restored = { ids: [], names: [], failed: [], left: 0 };
  const tell = () => {
    const done = restored.ids.length + restored.failed.length;
    useRestoreProgress.setState({ of: { done, total: files.length } });
  };
  tell();
  for (const [at, file] of files.entries()) {
    if (useRestoreProgress.getState().isStopping) {
      restored.left = files.length - at;
      break;
    }
    try {
      // One after the other: two of one name must not race for it.
      // eslint-disable-next-line no-await-in-loop
      const { name } = await named([file], () => client.fileRestore({ name: file.id }));
      restored.ids.push(file.id);
      restored.names.push(name);
    } catch (thrown) {
      // What is in the way of one is not in the way of the others.
      restored.failed.push({ file, error: toUiError(thrown) });
    }
    tell();
  }
  return restored;
}

/** Brings entries back from the trash, and keeps what could not be brought back until that is put away. */
export function useRestore(onRestored: (restored: Omit<Restored, 'failed'>) => void) {
  const [failed, setFailed] = useState<readonly FailedRestore[]>([]);
  const command = useCommand(restoreAll, (restored) => {
    useRestoreProgress.setState({ of: null, isStopping: false });
    setFailed(restored.failed);
    if (restored.ids.length > 0 || restored.left > 0) {
      onRestored(restored);
    }
  });
  const run = (files: readonly ListedFile[]) => {
    if (!command.isRunning) {
      setFailed([]);
      command.runOnce(files);
    }
  };
  return {
    run,
    isRunning: command.isRunning,
    /** Ends it after the entry that it is at. */
    stop: () => useRestoreProgress.setState({ isStopping: true }),
    failed,
    again: () => run(failed.map(({ file }) => file)),
    forgetFailed: () => setFailed([]),
  };
}
