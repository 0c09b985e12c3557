import { useCallback, useReducer, useState } from 'react';

import { choosing } from './choosing';
import { needsSame, useLibraryRows, type VisibleRange } from './queries';
import type { LibraryView } from './model';
import { useWantedRow } from './useWantedRow';
import { NOTHING_CHOSEN, selectionReducer } from './selection';
import { useKeptSelection } from './useKeptSelection';
import { useFetchedRows, useIsStillShown } from './useFetchedRows';

const TOP: VisibleRange = { first: 0, last: 0 };

/** Rows, selection and keyboard of the table. */
export function useTable(view: LibraryView, at: string | undefined) {
  const [range, setRange] = useState<VisibleRange>(TOP);
  const [selection, dispatch] = useReducer(selectionReducer, NOTHING_CHOSEN);
  const { cursor, anchor } = selection;
  const rows = useLibraryRows(view, range, [cursor, anchor]);
  const { rowAt, loadRange, lookFor, total = 0 } = rows;
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

  useKeptSelection({ selection, lookFor, isStillShown, dispatch });
  const revealed = useWantedRow({
    dir: view.dir,
    at,
    isKnown: rows.total !== undefined,
    findNamed: rows.findNamed,
    fetched,
    dispatch,
  });
  const cursorAt = rows.indexOf(cursor);
  return {
    viewKey,
    /** While it is not known how many rows a view has, the table that was there before stays. */
    isShown: useHadRows(rows.total),
    rows,
    chosen: selection.chosen,
    /** The number of the row that the keyboard stands on; −1 before the first use. */
    cursor: cursorAt ?? cursor.index,
    /** False while another row has that number and nobody knows where the right one has gone. */
    isCursorKnown: cursorAt !== null,
    /** The row to scroll to; another object for every time. */
    revealed,
    fetched,
    setRange: useCallback(
      (next: VisibleRange) => setRange((before) => (needsSame(before, next) ? before : next)),
      [],
    ),
    forget: useCallback((ids: readonly string[]) => dispatch({ type: 'forget', ids }), []),
    clear: () => {
      fetched.begin();
      dispatch({ type: 'clear' });
    },
    ...choosing({ total, rowAt, anchor, anchorAt: rows.indexOf(anchor), dispatch, fetched }),
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
