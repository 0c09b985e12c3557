import { RouterProvider } from '@tanstack/react-router';
import { useState } from 'react';

import { newScreenCommands, ScreenCommandsContext } from '../lib/screenCommands';
import { isTryOut, TryOutContext } from '../lib/tryOut';
import { newRouter } from './router';
import { type RunningNode, RunningNodeContext } from './runningNode';

/** The window of a running node: its screens, with the status around them. */
export function RunningWindow({ node }: { node: RunningNode }) {
  const [router] = useState(newRouter);
  const [screenCommands] = useState(newScreenCommands);
  return (
    <RunningNodeContext value={node}>
      <TryOutContext value={isTryOut(node.status.network)}>
        <ScreenCommandsContext value={screenCommands}>
          <RouterProvider router={router} />
        </ScreenCommandsContext>
      </TryOutContext>
    </RunningNodeContext>
  );
}
