import type { ReactNode } from 'react';

import { ConfirmDialog } from '../../design/ConfirmDialog';
import { messages } from '../../messages';
import { ExportAllContext, useExportAllFlow } from './useExportAll';

/** Makes the export of everything possible from everywhere in the window: the list is all that the words do not bring. */
export function ExportAllProvider({ children }: { children: ReactNode }) {
  const { context, isOpen, close, write, start } = useExportAllFlow();
  const text = messages.library.exportAll;
  return (
    <ExportAllContext value={context}>
      {children}
      {isOpen && (
        <ConfirmDialog
          title={text.title}
          isTextOnly
          confirm={messages.library.export.confirm}
          isBusy={write.isRunning}
          error={write.error}
          errorNext={messages.library.export.next}
          onConfirm={start}
          onClose={close}
        >
          <p>{text.text}</p>
          <p>{text.who}</p>
          <p>{text.when}</p>
        </ConfirmDialog>
      )}
    </ExportAllContext>
  );
}
