import type { Dispatch } from 'react';

import type { ListedFile } from '../../ipc/bindings';
import type { Selection, SelectionAction } from './selection';
import type { FetchedRows } from './useFetchedRows';

export interface ChoosingOptions {
  total: number;
  rowAt: (index: number) => ListedFile | undefined;
  selection: Selection;
  dispatch: Dispatch<SelectionAction>;
  fetched: FetchedRows;
}

/** How rows are chosen by pointer and keys, also those that have not arrived. */
export function choosing({ total, rowAt, selection, dispatch, fetched }: ChoosingOptions) {
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
    const anchor = Math.max(0, selection.anchor);
    dispatch({ type: 'move', index: to });
    return fetched.fetch(Math.min(anchor, to), Math.max(anchor, to), (files) =>
      dispatch({ type: 'range', index: to, files }),
    );
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
export function settle(choice: Promise<void>): void {
  choice.catch(() => undefined);
}
