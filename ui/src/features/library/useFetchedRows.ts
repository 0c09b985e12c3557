import { useEffect, useRef, useState } from 'react';

import type { ListedFile, UiError } from '../../ipc/bindings';
import { toUiError } from '../../ipc/errors';
import { MAX_SELECTED } from './selection';

export interface FoundRow {
  file: ListedFile;
  index: number;
}

/** Whether the rows of this view are still the ones that are shown. */
export function useIsStillShown(viewKey: string): () => boolean {
  const shownView = useRef(viewKey);
  useEffect(() => {
    shownView.current = viewKey;
  }, [viewKey]);
  return () => shownView.current === viewKey;
}

/** Fetches the rows of one choice after the other: rows that come late must not undo a later choice. */
export function useFetchedRows(
  loadRange: (from: number, to: number) => Promise<ListedFile[]>,
  isStillShown: () => boolean,
) {
  const [isTooMany, setTooMany] = useState(false);
  const [failure, setFailure] = useState<UiError | null>(null);
  const [missed, setMissed] = useState<string | null>(null);
  const choices = useRef(0);
  const forget = () => {
    setTooMany(false);
    setFailure(null);
    setMissed(null);
  };
  const begin = () => {
    choices.current += 1;
    forget();
    return choices.current;
  };
  const follow = async <Found>(find: () => Promise<Found>, use: (found: Found) => void) => {
    const choice = begin();
    const isLatest = () => choices.current === choice && isStillShown();
    try {
      const found = await find();
      if (isLatest()) {
        use(found);
      }
    } catch (thrown) {
      if (isLatest()) {
        setFailure(toUiError(thrown));
      }
    }
  };
  const fetch = async (from: number, to: number, use: (files: readonly ListedFile[]) => void) => {
    if (to - from >= MAX_SELECTED) {
      begin();
      setTooMany(true);
      return;
    }
    await follow(() => loadRange(from, to), use);
  };
  return {
    isTooMany,
    /** Why the rows of a choice could not be fetched; nothing was chosen then. */
    failure,
    /** The name of the row that was looked for in vain. */
    missed,
    /** Puts away what is said of the last choice. */
    forget,
    /** A choice for which nothing is fetched. */
    begin,
    fetch,
    /** A choice of one row that is looked for by its name. */
    fetchNamed: (name: string, find: () => Promise<FoundRow | null>, use: (row: FoundRow) => void) =>
      follow(find, (row) => (row === null ? setMissed(name) : use(row))),
  };
}

export type FetchedRows = ReturnType<typeof useFetchedRows>;
