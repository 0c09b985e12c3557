import { RouterProvider } from '@tanstack/react-router';
import { useEffect, useState } from 'react';

import { uncover } from '../features/library/libraryPlaces';
import { goTo } from './focus';
import { newRouter } from './router';
import { type RunningNode, RunningNodeContext } from './runningNode';
import type { WantedPlace } from './useWantedPlace';

export interface RunningWindowProps {
  node: RunningNode;
  /** Where the shell wants to lead; the same place asked for anew is another object. */
  wanted: WantedPlace | null;
  onReached: () => void;
}

/** The window of a running node: its screens, with the status around them. */
export function RunningWindow({ node, wanted, onReached }: RunningWindowProps) {
  const [router] = useState(newRouter);
  useEffect(() => {
    if (wanted !== null) {
      uncover(wanted.to);
      goTo(router, wanted.to);
      onReached();
    }
  }, [router, wanted, onReached]);
  return (
    <RunningNodeContext value={node}>
      <RouterProvider router={router} />
    </RunningNodeContext>
  );
}
