import { useEffect, useRef, useState } from 'react';

import type { LibrarySort, LibraryState } from '../../ipc/bindings';
import { useDelayed } from '../../lib/hooks';
import { useLibraryPlaces } from './libraryPlaces';
import { type LibraryView, nextSorting } from './model';

const SEARCH_DELAY_MS = 200;

/** No directory is called so: theirs begin with a slash, or are empty. */
const TRASH = 'trash';

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
  const key = isTrash ? TRASH : dir;
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
  const found = place?.search ?? '';

  // What is typed belongs to the place where it is typed, and is looked for once the typing rests.
  const [typed, setTyped] = useState<{ key: string; text: string } | null>(null);
  const rested = useDelayed(typed, SEARCH_DELAY_MS);
  const isTyped = typed?.key === key;
  const search = isTyped ? typed.text : found;
  const looked = isTyped && rested?.key === key ? rested.text : found;
  useEffect(() => {
    if (rested !== null) {
      change(rested.key, { search: rested.text });
    }
  }, [rested, change]);

  // Whoever leaves before the typing rests finds it as it was left.
  const unrested = useRef<typeof typed>(null);
  useEffect(() => {
    unrested.current = typed === rested ? null : typed;
  });
  useEffect(
    () => () => {
      if (unrested.current !== null) {
        change(unrested.current.key, { search: unrested.current.text });
      }
    },
    [change],
  );

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
    setSearch: (text: string) => setTyped({ key, text }),
    /** For a folder that is opened: all of it shall be seen, and what is searched here stays. */
    showAllOf: (opened: string) => {
      change(key, { search });
      change(opened, { search: '' });
      setTyped(null);
    },
    sorting,
    sortBy: (column: LibrarySort) => change(key, { sorting: nextSorting(sorting, column) }),
  };
}
