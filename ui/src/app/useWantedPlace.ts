import { useCallback, useState } from 'react';

import { useShellEvent } from '../ipc/useShellEvent';
import { isKnownPlace } from './screens';

export interface WantedPlace {
  to: string;
}

/**
 * Where the person asked to go outside of the window; kept until there are screens to go to, as the tray and
 * notifications do not know whether the window asks for a passphrase or shows the words first.
 */
export function useWantedPlace(): [WantedPlace | null, () => void] {
  const [wanted, setWanted] = useState<WantedPlace | null>(null);
  useShellEvent('navigate', ({ to }) => {
    if (isKnownPlace(to)) {
      setWanted({ to });
    }
  });
  return [wanted, useCallback(() => setWanted(null), [])];
}
