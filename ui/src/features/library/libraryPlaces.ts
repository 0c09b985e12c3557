import { create } from 'zustand';

import type { Sorting } from './model';

/** So many places are remembered; the one that was longest not seen goes first. Nobody walks back further. */
const MAX_PLACES = 200;

/** What a person has made of a folder, or of the trash. */
export interface LibraryPlace {
  search: string;
  sorting: Sorting;
}

interface LibraryPlaces {
  places: ReadonlyMap<string, LibraryPlace>;
  /** How the rows of a folder lie that nobody has looked at: as those that were sorted last. */
  sorting: Sorting;
  change: (key: string, change: Partial<LibraryPlace>) => void;
  forget: () => void;
}

/** The newest last, and no more than are remembered. */
function remembered<Value>(
  before: ReadonlyMap<string, Value>,
  key: string,
  value: Value,
): Map<string, Value> {
  const after = new Map(before);
  after.delete(key);
  after.set(key, value);
  for (const oldest of after.keys()) {
    if (after.size <= MAX_PLACES) {
      break;
    }
    after.delete(oldest);
  }
  return after;
}

const FIRST: Sorting = { sort: 'name', isDescending: false };

/** Where the person was in the library, kept while other screens and folders are shown, until the window is closed. */
export const useLibraryPlaces = create<LibraryPlaces>()((set) => ({
  places: new Map(),
  sorting: FIRST,
  change: (key, change) =>
    set(({ places, sorting }) => {
      const place = { search: '', sorting, ...places.get(key), ...change };
      return { places: remembered(places, key, place), sorting: change.sorting ?? sorting };
    }),
  forget: () => {
    scrolls = new Map();
    set({ places: new Map(), sorting: FIRST });
  },
}));

// No state: it changes with every turn of the wheel, and nothing is drawn by it.
let scrolls: ReadonlyMap<string, number> = new Map();

/** How far the rows of a view were scrolled when they were last seen. */
export function scrollOf(viewKey: string): number {
  return scrolls.get(viewKey) ?? 0;
}

export function keepScroll(viewKey: string, top: number): void {
  scrolls = remembered(scrolls, viewKey, top);
}
