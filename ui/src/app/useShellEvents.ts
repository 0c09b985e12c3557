import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';

import type { UiError } from '../ipc/bindings';
import { onShellEvent } from '../ipc/events';
import { keys } from '../ipc/keys';
import { useLiveTransfers } from '../ipc/liveTransfers';
import { refreshAnswers } from '../ipc/refreshAnswers';
import { useShellEvent } from '../ipc/useShellEvent';

export interface HeldFiles {
  count: number | undefined;
}

export interface Drops {
  onDropped: (selection: string) => void;
  /** The shell could not take what was dropped. */
  onRefused: (error: UiError) => void;
}

/** Follows what the shell tells; returns the files that are held over the window, if any are. */
export function useShellEvents({ onDropped, onRefused }: Drops): HeldFiles | null {
  const queryClient = useQueryClient();
  const [held, setHeld] = useState<HeldFiles | null>(null);

  useEffect(() => {
    const stale = (queryKey: readonly string[]) => () => refreshAnswers(queryClient, queryKey);
    const stops = [
      onShellEvent('library-changed', stale(keys.library)),
      onShellEvent('activity-changed', stale(keys.activity)),
      onShellEvent('shell-state-changed', stale(keys.shell)),
      onShellEvent('transfers', (report) => useLiveTransfers.getState().set(report)),
    ];
    return () => stops.forEach((stop) => stop());
  }, [queryClient]);

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

  useShellEvent('drop', ({ phase, count, selection, refused }) => {
    setHeld(phase === 'enter' ? { count } : null);
    if (phase === 'drop' && refused !== undefined) {
      onRefused(refused);
    } else if (phase === 'drop' && selection !== undefined) {
      onDropped(selection);
    }
  });
  return held;
}
