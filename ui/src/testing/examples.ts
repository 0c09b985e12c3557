// One example of every view, for tests. A Rust test of the shell holds the same file against what it really sends.

import type { NodeView, StatusReport } from '../ipc/bindings';
import views from '../ipc/node-views.json';

type Phase = NodeView['phase'];

export const exampleViews = views as unknown as { [P in Phase]: Extract<NodeView, { phase: P }> } & {
  running_unread: Extract<NodeView, { phase: 'running' }>;
};

/** The running example with other values in its status. */
export function runningView(changes: Partial<StatusReport>): NodeView {
  const { running } = exampleViews;
  return { ...running, status: { ...running.status, ...changes } };
}
