import { type Dispatch, useEffect, useRef, useState } from 'react';

import { settle } from './choosing';
import type { SelectionAction } from './selection';
import type { FetchedRows, FoundRow } from './useFetchedRows';

export interface WantedRow {
  /** Where it lies; with another one it is wanted anew. */
  dir: string;
  /** Its name in that folder; undefined where none is wanted. */
  at: string | undefined;
  isKnown: boolean;
  findNamed: (name: string) => Promise<FoundRow | null>;
  fetched: Pick<FetchedRows, 'fetchNamed'>;
  dispatch: Dispatch<SelectionAction>;
}

/**
 * Chooses the row that the window was led to, as soon as there are rows, unless the person chooses another meanwhile;
 * answers where it is, to be scrolled to.
 */
export function useWantedRow(wanted: WantedRow): { index: number } | null {
  const { dir, at, isKnown } = wanted;
  const [revealed, setRevealed] = useState<{ index: number } | null>(null);
  const latest = useRef(wanted);
  useEffect(() => {
    latest.current = wanted;
  });
  const done = useRef<string | null>(null);
  useEffect(() => {
    const asked = JSON.stringify([dir, at]);
    if (at === undefined) {
      done.current = asked;
      return;
    }
    if (!isKnown || done.current === asked) {
      return;
    }
    done.current = asked;
    const { findNamed, fetched, dispatch } = latest.current;
    const choose = (row: FoundRow) => {
      dispatch({ type: 'only', ...row });
      setRevealed({ index: row.index });
    };
    settle(fetched.fetchNamed(at, () => findNamed(`${dir}/${at}`), choose));
  }, [dir, at, isKnown]);
  return revealed;
}
