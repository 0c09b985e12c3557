import { useEffect, useMemo } from 'react';

import type { LibrarySort, LibraryState } from '../../ipc/bindings';
import { useDelayed } from '../../lib/hooks';
import { placeKey, useLibraryPlaces } from './libraryPlaces';
import { type LibraryView, nextSorting } from './model';

const SEARCH_DELAY_MS = 200;

/** What is listed: where the window has led, with the search and the order that this place was left with. */
export function useLibraryView({
  dir,
  state,
  isTrash,
}: {
  dir: string;
  state: LibraryState | undefined;
  isTrash: boolean;
}) {
  const key = placeKey(dir, isTrash);
  const place = useLibraryPlaces(({ places }) => places.get(key));
  const newSorting = useLibraryPlaces((all) => all.sorting);
  const change = useLibraryPlaces((all) => all.change);
  const setLastDir = useLibraryPlaces((all) => all.setLastDir);
  useEffect(() => {
    if (!isTrash) {
      setLastDir(dir);
    }
  }, [dir, isTrash, setLastDir]);
  const sorting = place?.sorting ?? newSorting;
  const search = place?.search ?? '';

  // Looked for once the typing rests. What was typed at another place is none of this one.
  const rested = useDelayed(
    useMemo(() => ({ key, search }), [key, search]),
    SEARCH_DELAY_MS,
  );
  const looked = rested.key === key ? rested.search : search;

  const view: LibraryView = {
    dir: isTrash ? '' : dir,
    // What is emptied is emptied at once.
    search: search === '' ? '' : looked,
    state: isTrash ? undefined : state,
    isTrash,
    ...sorting,
  };
  return {
    view,
    search,
    setSearch: (text: string) => change(key, { search: text }),
    /** For a folder that is opened: all of it shall be seen, and what is searched here stays. */
    showAllOf: (opened: string) => change(opened, { search: '' }),
    sorting,
    sortBy: (column: LibrarySort) => change(key, { sorting: nextSorting(sorting, column) }),
  };
}
