import { RouterProvider } from '@tanstack/react-router';
import { useState } from 'react';

import { newRouter } from './router';
import { type RunningNode, RunningNodeContext } from './runningNode';

/** The window of a running node: its screens, with the status around them. */
export function RunningWindow({ node }: { node: RunningNode }) {
  const [router] = useState(newRouter);
  return (
    <RunningNodeContext value={node}>
      <RouterProvider router={router} />
    </RunningNodeContext>
  );
}
