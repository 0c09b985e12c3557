import type { ReactNode } from 'react';

import { ImportDialog } from './dialogs';
import { ImportContext, useImportFlow } from './useImport';

/** Makes imports possible from everywhere in the window, also of what was opened outside of it. */
export function ImportProvider({ children }: { children: ReactNode }) {
  const flow = useImportFlow();
  const { waiting, opened, choose, takeCopied, chooseFailure, confirm, done, forgetDone } = flow;
  // Neither can be tried again with what is still there.
  const openFailure =
    flow.earlierFailure.error === null ? { error: opened.error, reset: opened.reset } : flow.earlierFailure;
  const imports = {
    choose,
    takeCopied,
    chooseFailure,
    openFailure,
    done,
    forgetDone,
  };
  return (
    <ImportContext value={imports}>
      {children}
      {waiting !== null && (
        <ImportDialog
          preview={waiting.preview}
          isFromOutside={waiting.isFromOutside}
          isBusy={flow.isRunning}
          isOtherRunning={flow.isOtherRunning}
          error={flow.error}
          onClose={flow.dismiss}
          onImport={() => confirm(waiting.preview)}
        />
      )}
    </ImportContext>
  );
}
