import type { ReactNode } from 'react';

import { CheckContext, useCheckFlow } from './useCheck';

/** Keeps a check and its result for the whole window: it can take minutes, in which a person does other things. */
export function CheckProvider({ children }: { children: ReactNode }) {
  return <CheckContext value={useCheckFlow()}>{children}</CheckContext>;
}
