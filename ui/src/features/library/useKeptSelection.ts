import { type Dispatch, useEffect, useRef } from 'react';

import { useShellEvent } from '../../ipc/useShellEvent';
import { settle } from './choosing';
import type { Selection, SelectionAction, Sighting } from './selection';

interface Kept {
  selection: Selection;
  lookFor: (wanted: Sighting['wanted']) => Promise<Sighting>;
  isStillShown: () => boolean;
  dispatch: Dispatch<SelectionAction>;
}

/** The rows that the keyboard and the next command mean, with their numbers when they were last seen. */
function wantedOf({ cursor, anchor, chosen, places }: Selection): Map<string, number | undefined> {
  const wanted = new Map<string, number | undefined>();
  for (const key of chosen.keys()) {
    wanted.set(key, places.get(key));
  }
  for (const { id, index } of [cursor, anchor]) {
    if (id !== null) {
      wanted.set(id, index);
    }
  }
  return wanted;
}

/**
 * Keeps the selection true while others change the library: what they removed must not look chosen, and the keyboard
 * stays on its row. Looks once more for all that changed while it looked.
 */
export function useKeptSelection(kept: Kept): void {
  const latest = useRef(kept);
  useEffect(() => {
    latest.current = kept;
  });
  const isLooking = useRef(false);
  const hasChanged = useRef(false);
  const look = async () => {
    hasChanged.current = true;
    if (isLooking.current) {
      return;
    }
    isLooking.current = true;
    try {
      // Everybody else hears of the change first: what is asked for anew by them is not asked for twice.
      await Promise.resolve();
      while (hasChanged.current) {
        hasChanged.current = false;
        const { selection, lookFor, isStillShown, dispatch } = latest.current;
        const wanted = wantedOf(selection);
        if (wanted.size > 0) {
          // eslint-disable-next-line no-await-in-loop
          const sighting = await lookFor(wanted);
          if (isStillShown()) {
            dispatch({ type: 'keep', sighting });
          }
        }
      }
    } finally {
      isLooking.current = false;
    }
  };
  useShellEvent('library-changed', () => settle(look()));
}
