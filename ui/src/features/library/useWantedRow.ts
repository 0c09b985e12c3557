import { type Dispatch, useEffect, useRef, useState } from 'react';

import type { ListedFile } from '../../ipc/bindings';
import { settle } from './choosing';
import type { SelectionAction } from './selection';

export interface WantedRow {
  /** Where it lies; with another one it is wanted anew. */
  dir: string;
  /** Its name in that folder; undefined where none is wanted. */
  at: string | undefined;
  isKnown: boolean;
  findNamed: (name: string) => Promise<{ file: ListedFile; index: number } | null>;
  isStillShown: () => boolean;
  dispatch: Dispatch<SelectionAction>;
}

/** Chooses the row that the window was led to, as soon as there are rows; answers where it is, to be scrolled to. */
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
    const { findNamed, isStillShown, dispatch } = latest.current;
    const choose = async () => {
      const row = await findNamed(`${dir}/${at}`);
      if (row !== null && isStillShown()) {
        dispatch({ type: 'only', ...row });
        setRevealed({ index: row.index });
      }
    };
    settle(choose());
  }, [dir, at, isKnown]);
  return revealed;
}
