import { useState } from 'react';

import type { LibrarySort, LibraryState } from '../../ipc/bindings';
import { useDelayed } from '../../lib/hooks';
import { type LibraryView, nextSorting, type Sorting } from './model';

const SEARCH_DELAY_MS = 200;

/** What is listed: where the window has led, with the search and the order, which the screen keeps itself. */
export function useLibraryView({
  dir,
  state,
  isTrash,
}: {
  dir: string;
  state: LibraryState | undefined;
  isTrash: boolean;
}) {
  const [search, setSearch] = useState('');
  const [sorting, setSorting] = useState<Sorting>({ sort: 'name', isDescending: false });
  const restedSearch = useDelayed(search, SEARCH_DELAY_MS);
  const view: LibraryView = {
    dir: isTrash ? '' : dir,
    // What is emptied is emptied at once.
    search: search === '' ? '' : restedSearch,
    state: isTrash ? undefined : state,
    isTrash,
    ...sorting,
  };
  return {
    view,
    search,
    setSearch,
    sorting,
    sortBy: (column: LibrarySort) => setSorting(nextSorting(sorting, column)),
  };
}
