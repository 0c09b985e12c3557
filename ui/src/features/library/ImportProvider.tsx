import type { ReactNode } from 'react';

import { ImportDialog } from './dialogs';
import { ImportContext, useImportFlow } from './useImport';

/** Makes imports possible from everywhere in the window, also of what was opened outside of it. */
export function ImportProvider({ children }: { children: ReactNode }) {
  const { waiting, opened, choose, confirm, done, forgetDone, dismiss } = useImportFlow();
  const openFailure = { error: opened.error, reset: opened.reset };
  const imports = { choose: () => choose.runOnce(), chooseFailure: choose, openFailure, done, forgetDone };
  return (
    <ImportContext value={imports}>
      {children}
      {waiting !== null && (
        <ImportDialog
          preview={waiting.preview}
          isFromOutside={waiting.isFromOutside}
          isBusy={confirm.isRunning}
          error={confirm.error}
          onClose={dismiss}
          onImport={() => confirm.runOnce(waiting.preview)}
        />
      )}
    </ImportContext>
  );
}
