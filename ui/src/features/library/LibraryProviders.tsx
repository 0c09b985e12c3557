import type { ReactNode } from 'react';

import { CheckProvider } from './CheckProvider';
import { ExportAllProvider } from './ExportAllProvider';
import { ImportProvider } from './ImportProvider';
import { LibraryActionsProvider } from './LibraryActionsProvider';
import { RepairProvider } from './RepairProvider';
import { UploadProvider } from './UploadProvider';

/** What is begun in the library and goes on whichever screen is shown. */
export function LibraryProviders({ destination, children }: { destination: string; children: ReactNode }) {
  return (
    <UploadProvider destination={destination}>
      <ImportProvider>
        <ExportAllProvider>
          <LibraryActionsProvider>
            <CheckProvider>
              <RepairProvider>{children}</RepairProvider>
            </CheckProvider>
          </LibraryActionsProvider>
        </ExportAllProvider>
      </ImportProvider>
    </UploadProvider>
  );
}
