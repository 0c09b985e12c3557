import type { ReactNode } from 'react';

import { OpenDialogs } from './OpenDialogs';
import { LibraryActionsContext, useLibraryActionsFlow } from './useLibraryActions';

/** Keeps what is done with rows of the library for the whole window: it can take minutes, and must not end in silence. */
export function LibraryActionsProvider({ children }: { children: ReactNode }) {
  const actions = useLibraryActionsFlow();
  return (
    <LibraryActionsContext value={actions}>
      {children}
      <OpenDialogs actions={actions} />
    </LibraryActionsContext>
  );
}
