import { RouterProvider } from '@tanstack/react-router';
import { useState } from 'react';

import type { StatusReport } from '../ipc/bindings';
import { NodeStatusContext } from './nodeStatus';
import { newRouter } from './router';

/** The window of a running node: its screens, with the status around them. */
export function RunningWindow({ status }: { status: StatusReport }) {
  const [router] = useState(newRouter);
  return (
    <NodeStatusContext value={status}>
      <RouterProvider router={router} />
    </NodeStatusContext>
  );
}
