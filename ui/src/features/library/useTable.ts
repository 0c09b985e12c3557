import { useCallback, useReducer, useState } from 'react';

import { useLibraryRows, type VisibleRange } from './queries';
import type { LibraryView } from './model';
import { MAX_SELECTED, NOTHING_CHOSEN, selectionReducer } from './selection';

/** Rows, selection and keyboard of the table. */
export function useTable(view: LibraryView) {
  const [range, setRange] = useState<VisibleRange>({ first: 0, last: 0 });
  const rows = useLibraryRows(view, range);
  const [selection, dispatch] = useReducer(selectionReducer, NOTHING_CHOSEN);
  const [isTooMany, setTooMany] = useState(false);

  // Other rows: what was chosen among the old ones must not be acted upon.
  const viewKey = JSON.stringify(view);
  const [seenKey, setSeenKey] = useState(viewKey);
  if (seenKey !== viewKey) {
    setSeenKey(viewKey);
    setTooMany(false);
    dispatch({ type: 'reset' });
  }

  const { rowAt, loadRange, total = 0 } = rows;
  const choose = (index: number) => {
    const file = rowAt(index);
    setTooMany(false);
    dispatch(file === undefined ? { type: 'move', index } : { type: 'only', index, file });
  };
  const chooseRange = async (from: number, to: number) => {
    const [low, high] = from < to ? [from, to] : [to, from];
    setTooMany(high - low >= MAX_SELECTED);
    if (high - low < MAX_SELECTED) {
      dispatch({ type: 'range', index: to, files: await loadRange(Math.max(0, low), high) });
    }
  };
  const press = (index: number, how: { isToggle: boolean; isRange: boolean }) => {
    const file = rowAt(index);
    if (how.isRange) {
      // A failure to load shows as the failure of its window.
      chooseRange(selection.anchor, index).catch(() => undefined);
    } else if (how.isToggle && file !== undefined) {
      dispatch({ type: 'toggle', index, file });
    } else {
      choose(index);
    }
  };
  const move = (index: number, isRange: boolean) => {
    if (isRange) {
      chooseRange(selection.anchor, index).catch(() => undefined);
    } else {
      choose(index);
    }
  };
  const chooseAll = async () => {
    setTooMany(total > MAX_SELECTED);
    if (total > 0 && total <= MAX_SELECTED) {
      dispatch({ type: 'all', files: await loadRange(0, total - 1) });
    }
  };
  return {
    rows,
    selection,
    isTooMany,
    setRange: useCallback(
      (next: VisibleRange) =>
        setRange((before) => (before.first === next.first && before.last === next.last ? before : next)),
      [],
    ),
    reset: useCallback(() => dispatch({ type: 'reset' }), []),
    clear: () => dispatch({ type: 'clear' }),
    press,
    move,
    chooseAll: () => {
      chooseAll().catch(() => undefined);
    },
  };
}
