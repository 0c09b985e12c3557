import { useCallback, useReducer, useState } from 'react';

import { useShellEvent } from '../../ipc/useShellEvent';
import { choosing, settle } from './choosing';
import { useLibraryRows, type VisibleRange } from './queries';
import type { LibraryView } from './model';
import { NOTHING_CHOSEN, selectionReducer } from './selection';
import { useFetchedRows, useIsStillShown } from './useFetchedRows';

const TOP: VisibleRange = { first: 0, last: 0 };

/** Rows, selection and keyboard of the table. */
export function useTable(view: LibraryView) {
  const [range, setRange] = useState<VisibleRange>(TOP);
  const rows = useLibraryRows(view, range);
  const [selection, dispatch] = useReducer(selectionReducer, NOTHING_CHOSEN);
  const { rowAt, loadRange, loadAllAnew, total = 0 } = rows;
  const viewKey = JSON.stringify(view);
  const isStillShown = useIsStillShown(viewKey);
  const fetched = useFetchedRows(loadRange, isStillShown);

  // Other rows: what was chosen among the old ones must not be acted upon.
  const [seenKey, setSeenKey] = useState(viewKey);
  if (seenKey !== viewKey) {
    setSeenKey(viewKey);
    fetched.forget();
    setRange(TOP);
    dispatch({ type: 'reset' });
  }

  // What another process removed must not look chosen. Where there are too many rows to look them all through, a
  // command on what is gone fails: it is given by id.
  const keepWhatIsThere = async () => {
    const files = await loadAllAnew();
    if (files !== null && isStillShown()) {
      dispatch({ type: 'keep', files });
    }
  };
  useShellEvent('library-changed', () => {
    if (selection.chosen.size > 0) {
      settle(keepWhatIsThere());
    }
  });
  return {
    viewKey,
    /** While it is not known how many rows a view has, the table that was there before stays. */
    isShown: useHadRows(rows.total),
    rows,
    selection,
    fetched,
    setRange: useCallback(
      (next: VisibleRange) =>
        setRange((before) => (before.first === next.first && before.last === next.last ? before : next)),
      [],
    ),
    reset: useCallback(() => dispatch({ type: 'reset' }), []),
    clear: () => dispatch({ type: 'clear' }),
    ...choosing({ total, rowAt, selection, dispatch, fetched }),
  };
}

export type Table = ReturnType<typeof useTable>;

/** Whether there are rows, or were when it was last known. */
function useHadRows(total: number | undefined): boolean {
  const [hadRows, setHadRows] = useState(false);
  if (total !== undefined && hadRows !== total > 0) {
    setHadRows(total > 0);
    return total > 0;
  }
  return hadRows;
}
