import { createContext, use } from 'react';

import type { NodeView } from '../ipc/bindings';

export type RunningNode = Extract<NodeView, { phase: 'running' }>;

export const RunningNodeContext = createContext<RunningNode | null>(null);

/** The node of this window, which runs wherever this is used. */
export function useRunningNode(): RunningNode {
  const node = use(RunningNodeContext);
  if (node === null) {
    throw new Error('useRunningNode outside of a running node');
  }
  return node;
}
