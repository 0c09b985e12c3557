import type { Dispatch } from 'react';

import type { ListedFile } from '../../ipc/bindings';
import { keyOf } from './model';
import type { SelectionAction, Spot } from './selection';
import type { FetchedRows } from './useFetchedRows';

export interface ChoosingOptions {
  total: number;
  rowAt: (index: number) => ListedFile | undefined;
  /** Where a range begins. */
  anchor: Spot;
  /** Its number now; null while nobody knows where that row has gone. */
  anchorAt: number | null;
  dispatch: Dispatch<SelectionAction>;
  fetched: FetchedRows;
}

/** How rows are chosen by pointer and keys, also those that have not arrived. */
export function choosing({ total, rowAt, anchor, anchorAt, dispatch, fetched }: ChoosingOptions) {
  const chooseOne = (index: number, type: 'only' | 'toggle') =>
    fetched.fetch(index, index, ([file]) => {
      if (file !== undefined) {
        dispatch({ type, index, file });
      }
    });
  const choose = (index: number) => {
    const file = rowAt(index);
    if (file !== undefined) {
      fetched.begin();
      dispatch({ type: 'only', index, file });
      return;
    }
    // Nothing is chosen meanwhile: what a person sees chosen is what a command acts on.
    dispatch({ type: 'wait', index });
    settle(chooseOne(index, 'only'));
  };
  const chooseRange = (to: number) => {
    // From a number where another row is now it would take rows that nobody chose.
    const begin = Math.max(0, anchorAt ?? to);
    const [from, last] = [Math.min(begin, to), Math.max(begin, to)];
    const row = rowAt(to);
    dispatch({ type: 'move', index: to, id: row === undefined ? null : keyOf(row) });
    return fetched.fetch(from, last, (files) => {
      const beginning = files[begin - from];
      const hasMoved = anchor.id !== null && beginning !== undefined && keyOf(beginning) !== anchor.id;
      if (anchorAt !== null && hasMoved) {
        // The rows have changed since it was pressed.
        dispatch({ type: 'range', index: to, from: to, files: files.slice(to - from, to - from + 1) });
      } else {
        dispatch({ type: 'range', index: to, from, files });
      }
    });
  };
  const move = (index: number, isRange: boolean) => {
    if (isRange) {
      settle(chooseRange(index));
    } else {
      choose(index);
    }
  };
  const press = (index: number, how: { isToggle: boolean; isRange: boolean }) => {
    if (how.isRange || !how.isToggle) {
      move(index, how.isRange);
      return;
    }
    const file = rowAt(index);
    if (file === undefined) {
      settle(chooseOne(index, 'toggle'));
    } else {
      fetched.begin();
      dispatch({ type: 'toggle', index, file });
    }
  };
  const chooseAll = () => {
    if (total > 0) {
      settle(fetched.fetch(0, total - 1, (files) => dispatch({ type: 'all', files })));
    }
  };
  return { press, move, chooseAll };
}

/** Failures are state by then, or are shown by the table that asks for the same rows. */
export function settle(choice: Promise<unknown>): void {
  choice.catch(() => undefined);
}
