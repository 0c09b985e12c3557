import { useEffect, useRef, useState } from 'react';

import type { ListedFile, UiError } from '../../ipc/bindings';
import { toUiError } from '../../ipc/errors';
import { MAX_SELECTED } from './selection';

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
  const choices = useRef(0);
  const forget = () => {
    setTooMany(false);
    setFailure(null);
  };
  const begin = () => {
    choices.current += 1;
    forget();
    return choices.current;
  };
  const fetch = async (from: number, to: number, use: (files: readonly ListedFile[]) => void) => {
    const choice = begin();
    const isLatest = () => choices.current === choice && isStillShown();
    if (to - from >= MAX_SELECTED) {
      setTooMany(true);
      return;
    }
    try {
      const files = await loadRange(from, to);
      if (isLatest()) {
        use(files);
      }
    } catch (thrown) {
      if (isLatest()) {
        setFailure(toUiError(thrown));
      }
    }
  };
  return {
    isTooMany,
    /** Why the rows of a choice could not be fetched; nothing was chosen then. */
    failure,
    /** Puts away what is said of the last choice. */
    forget,
    /** A choice for which nothing is fetched. */
    begin,
    fetch,
  };
}

export type FetchedRows = ReturnType<typeof useFetchedRows>;
