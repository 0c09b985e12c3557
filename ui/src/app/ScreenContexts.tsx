import { type ReactNode, useState } from 'react';

import { MoneyContext } from '../lib/money';
import { newScreenCommands, ScreenCommandsContext } from '../lib/screenCommands';
import { isTryOut, TryOutContext } from '../lib/tryOut';
import { useRunningNode } from './runningNode';

/** What every screen of a running node may ask: whether it is the try-out network, what its money is, and where to offer its commands. */
export function ScreenContexts({ children }: { children: ReactNode }) {
  const { status } = useRunningNode();
  const [commands] = useState(newScreenCommands);
  return (
    <TryOutContext value={isTryOut(status.network)}>
      <MoneyContext value={status.money}>
        <ScreenCommandsContext value={commands}>{children}</ScreenCommandsContext>
      </MoneyContext>
    </TryOutContext>
  );
}
