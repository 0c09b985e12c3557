import type { NodeView } from '../ipc/bindings';
import { requiredContext } from '../lib/requiredContext';

export type RunningNode = Extract<NodeView, { phase: 'running' }>;

/** The node of this window, which runs wherever this is used. */
export const [RunningNodeContext, useRunningNode] = requiredContext<RunningNode>('the running node');
