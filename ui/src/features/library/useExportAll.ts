import { useState } from 'react';

import { client } from '../../ipc/client';
import { useCommand } from '../../ipc/useCommand';
import { isolated, shortName } from '../../lib/format';
import { requiredContext } from '../../lib/requiredContext';
import { messages } from '../../messages';

export interface ExportAll {
  /** Says what it means, and asks. */
  open: () => void;
  /** Where the last one was written, to be said once. */
  done: string | null;
  forgetDone: () => void;
}

export const [ExportAllContext, useExportAll] = requiredContext<ExportAll>('the export of everything');

/** The name that stands for the whole library. */
const EVERYTHING = '/';

export function useExportAllFlow() {
  const [isOpen, setOpen] = useState(false);
  const [done, setDone] = useState<string | null>(null);
  const write = useCommand(client.exportManifest, (written) => {
    // Null where the dialog of the system was dismissed: the sheet stays.
    if (written !== null) {
      setOpen(false);
      setDone(messages.library.exportAll.done(isolated(shortName(written.path))));
    }
  });
  const context: ExportAll = {
    open: () => {
      write.reset();
      setDone(null);
      setOpen(true);
    },
    done,
    forgetDone: () => setDone(null),
  };
  return {
    context,
    isOpen,
    close: () => setOpen(false),
    write,
    // Only for its owner: whoever held an open one could read everything.
    start: () => write.runOnce({ name: EVERYTHING, private: true }),
  };
}
