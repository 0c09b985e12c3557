import { useQueryClient } from '@tanstack/react-query';
import type { AnyRouter } from '@tanstack/react-router';
import { useEffect, useState } from 'react';

import { onShellEvent } from '../ipc/events';
import { keys } from '../ipc/keys';
import { useLiveTransfers } from '../ipc/liveTransfers';
import { isKnownPlace } from './screens';

export interface HeldFiles {
  count: number | undefined;
}

/** Follows what the shell tells; returns the files that are held over the window, if any are. */
export function useShellEvents(router: AnyRouter, onDropped: (selection: string) => void): HeldFiles | null {
  const queryClient = useQueryClient();
  const [held, setHeld] = useState<HeldFiles | null>(null);

  useEffect(() => {
    const stale = (queryKey: readonly string[]) => () => {
      queryClient.invalidateQueries({ queryKey }).catch(() => undefined);
    };
    const stops = [
      onShellEvent('library-changed', stale(keys.library)),
      onShellEvent('activity-changed', stale(keys.activity)),
      onShellEvent('transfers', (report) => useLiveTransfers.getState().set(report)),
      onShellEvent('navigate', ({ to }) => {
        if (isKnownPlace(to)) {
          router.history.push(to);
        }
      }),
    ];
    return () => stops.forEach((stop) => stop());
  }, [queryClient, router]);

  useEffect(() => {
    // While the window is hidden the shell sends no counters, so what is shown may be old when it comes back.
    const refresh = () => {
      if (document.visibilityState === 'visible') {
        useLiveTransfers
          .getState()
          .refresh()
          .catch(() => undefined);
      }
    };
    refresh();
    document.addEventListener('visibilitychange', refresh);
    return () => document.removeEventListener('visibilitychange', refresh);
  }, []);

  useEffect(
    () =>
      onShellEvent('drop', ({ phase, count, selection }) => {
        if (phase === 'enter') {
          setHeld({ count });
        } else {
          setHeld(null);
        }
        if (phase === 'drop' && selection !== undefined) {
          onDropped(selection);
        }
      }),
    [onDropped],
  );
  return held;
}
