import { create } from 'zustand';

import type { Sorting } from './model';

/** So many places are remembered; the one that was longest not seen goes first. Nobody walks back further. */
const MAX_PLACES = 200;

/** So many folders of the tree are open at once: what each holds is asked for anew with every change of the library. */
export const MAX_OPEN_FOLDERS = 50;

/** What a person has made of a folder, or of the trash. */
export interface LibraryPlace {
  search: string;
  sorting: Sorting;
}

interface LibraryPlaces {
  places: ReadonlyMap<string, LibraryPlace>;
  /** The folders of the tree that are open; the top is always there. */
  openFolders: ReadonlySet<string>;
  /** How the rows of a folder lie that nobody has looked at: as those that were sorted last. */
  sorting: Sorting;
  change: (key: string, change: Partial<LibraryPlace>) => void;
  setOpenFolders: (open: Iterable<string>) => void;
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

const TOP_OPEN: ReadonlySet<string> = new Set(['']);

const FIRST: Sorting = { sort: 'name', isDescending: false };

/** Where the person was in the library, kept while other screens and folders are shown, until the window is closed. */
export const useLibraryPlaces = create<LibraryPlaces>()((set) => ({
  places: new Map(),
  openFolders: TOP_OPEN,
  sorting: FIRST,
  change: (key, change) =>
    set(({ places, sorting }) => {
      const place = { search: '', sorting, ...places.get(key), ...change };
      return { places: remembered(places, key, place), sorting: change.sorting ?? sorting };
    }),
  // What was opened last stays open.
  setOpenFolders: (open) => set({ openFolders: new Set([...open].slice(-MAX_OPEN_FOLDERS)) }),
  forget: () => {
    scrolls = new Map();
    set({ places: new Map(), openFolders: TOP_OPEN, sorting: FIRST });
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
