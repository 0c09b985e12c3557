import { type ReactNode, useState } from 'react';

import { newScreenCommands, ScreenCommandsContext } from '../lib/screenCommands';
import { isTryOut, TryOutContext } from '../lib/tryOut';
import { useRunningNode } from './runningNode';

/** What every screen of a running node may ask: whether it is the try-out network, and where to offer its commands. */
export function ScreenContexts({ children }: { children: ReactNode }) {
  const { status } = useRunningNode();
  const [commands] = useState(newScreenCommands);
  return (
    <TryOutContext value={isTryOut(status.network)}>
      <ScreenCommandsContext value={commands}>{children}</ScreenCommandsContext>
    </TryOutContext>
  );
}
