import { useCallback, useEffect, useReducer, useRef, useState } from 'react';

import type { ListedFile, UiError } from '../../ipc/bindings';
import { toUiError } from '../../ipc/errors';
import { useShellEvent } from '../../ipc/useShellEvent';
import { useLibraryRows, type VisibleRange } from './queries';
import type { LibraryView } from './model';
import { MAX_SELECTED, NOTHING_CHOSEN, selectionReducer } from './selection';

const TOP: VisibleRange = { first: 0, last: 0 };

/** Rows, selection and keyboard of the table. */
export function useTable(view: LibraryView) {
  const [range, setRange] = useState<VisibleRange>(TOP);
  const rows = useLibraryRows(view, range);
  const [selection, dispatch] = useReducer(selectionReducer, NOTHING_CHOSEN);
  const [isTooMany, setTooMany] = useState(false);
  const [failure, setFailure] = useState<UiError | null>(null);

  // Other rows: what was chosen among the old ones must not be acted upon.
  const viewKey = JSON.stringify(view);
  const [seenKey, setSeenKey] = useState(viewKey);
  if (seenKey !== viewKey) {
    setSeenKey(viewKey);
    setTooMany(false);
    setFailure(null);
    setRange(TOP);
    dispatch({ type: 'reset' });
  }

  const { rowAt, loadRange, loadAllAnew, total = 0 } = rows;
  // Rows that are still being fetched for one choice must not undo a later one.
  const choices = useRef(0);
  const shownView = useRef(viewKey);
  useEffect(() => {
    shownView.current = viewKey;
  }, [viewKey]);
  // What another process removed must not look chosen. Where there are too many rows to look them all through, a
  // command on what is gone fails: it is given by id.
  const keepWhatIsThere = async () => {
    const files = await loadAllAnew();
    if (files !== null && shownView.current === viewKey) {
      dispatch({ type: 'keep', files });
    }
  };
  useShellEvent('library-changed', () => {
    if (selection.chosen.size > 0) {
      settle(keepWhatIsThere());
    }
  });
  const begin = () => {
    choices.current += 1;
    setTooMany(false);
    setFailure(null);
    return choices.current;
  };
  const chooseMany = async (from: number, to: number, use: (files: readonly ListedFile[]) => void) => {
    const choice = begin();
    const isLatest = () => choices.current === choice && shownView.current === viewKey;
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
  const choose = (index: number) => {
    const file = rowAt(index);
    if (file !== undefined) {
      begin();
      dispatch({ type: 'only', index, file });
      return;
    }
    // Nothing is chosen meanwhile: what a person sees chosen is what a command acts on.
    dispatch({ type: 'wait', index });
    settle(chooseOne(index, 'only'));
  };
  const chooseOne = (index: number, type: 'only' | 'toggle') =>
    chooseMany(index, index, ([file]) => {
      if (file !== undefined) {
        dispatch({ type, index, file });
      }
    });
  const chooseRange = (to: number) => {
    const anchor = Math.max(0, selection.anchor);
    dispatch({ type: 'move', index: to });
    return chooseMany(Math.min(anchor, to), Math.max(anchor, to), (files) =>
      dispatch({ type: 'range', index: to, files }),
    );
  };
  const press = (index: number, how: { isToggle: boolean; isRange: boolean }) => {
    const file = rowAt(index);
    if (how.isRange) {
      settle(chooseRange(index));
    } else if (how.isToggle && file !== undefined) {
      begin();
      dispatch({ type: 'toggle', index, file });
    } else if (how.isToggle) {
      settle(chooseOne(index, 'toggle'));
    } else {
      choose(index);
    }
  };
  const move = (index: number, isRange: boolean) => {
    if (isRange) {
      settle(chooseRange(index));
    } else {
      choose(index);
    }
  };
  const chooseAll = () => {
    if (total > 0) {
      settle(chooseMany(0, total - 1, (files) => dispatch({ type: 'all', files })));
    }
  };
  return {
    viewKey,
    /** While it is not known how many rows a view has, the table that was there before stays. */
    isShown: useHadRows(rows.total),
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
    chooseAll,
    /** Why the rows of a choice could not be fetched; nothing was chosen then. */
    failure,
    forgetFailure: () => setFailure(null),
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

/** Failures are state by then, or are shown by the table that asks for the same rows. */
function settle(choice: Promise<void>): void {
  choice.catch(() => undefined);
}
