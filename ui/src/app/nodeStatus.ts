import { createContext, use } from 'react';

import type { StatusReport } from '../ipc/bindings';

export const NodeStatusContext = createContext<StatusReport | null>(null);

export function useNodeStatus(): StatusReport {
  const status = use(NodeStatusContext);
  if (status === null) {
    throw new Error('useNodeStatus outside of a running node');
  }
  return status;
}
