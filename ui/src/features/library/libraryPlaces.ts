import { defaultParseSearch, defaultStringifySearch } from '@tanstack/react-router';
import { create } from 'zustand';

import type { Sorting } from './model';

/** So many places are remembered; the one that was longest not seen goes first. Nobody walks back further. */
const MAX_PLACES = 200;

/**
 * So many folders of the tree are open at once: what each holds is asked for anew with every change of the library. Only
 * a single way down may be longer.
 */
export const MAX_OPEN_FOLDERS = 50;

/** What a person has made of a folder, or of the trash. */
export interface LibraryPlace {
  search: string;
  sorting: Sorting;
}

interface LibraryPlaces {
  places: ReadonlyMap<string, LibraryPlace>;
  /** The folders of the tree that are open, the last to be opened at the end. */
  openFolders: ReadonlySet<string>;
  /** The folder that was shown last; empty at the top. */
  lastDir: string;
  /** How the rows of a folder lie that nobody has looked at: as those that were sorted last. */
  sorting: Sorting;
  change: (key: string, change: Partial<LibraryPlace>) => void;
  setOpenFolders: (open: Iterable<string>) => void;
  setLastDir: (dir: string) => void;
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

/** Closes the innermost folder that was opened first, again and again: the one opened last stays, with all above it. */
function fewEnough(opened: Iterable<string>): Set<string> {
  const open = new Set(opened);
  const newest = [...open].at(-1);
  const isLeaf = (dir: string) => ![...open].some((other) => other !== dir && other.startsWith(`${dir}/`));
  while (open.size > MAX_OPEN_FOLDERS) {
    const oldest = [...open].find((dir) => dir !== newest && isLeaf(dir));
    if (oldest === undefined) {
      break;
    }
    open.delete(oldest);
  }
  return open;
}

const TOP_OPEN: ReadonlySet<string> = new Set(['']);

const FIRST: Sorting = { sort: 'name', isDescending: false };

/** Where the person was in the library, kept while other screens and folders are shown, until the window is closed. */
export const useLibraryPlaces = create<LibraryPlaces>()((set) => ({
  places: new Map(),
  openFolders: TOP_OPEN,
  lastDir: '',
  sorting: FIRST,
  change: (key, change) =>
    set(({ places, sorting }) => {
      const place = { search: '', sorting, ...places.get(key), ...change };
      return { places: remembered(places, key, place), sorting: change.sorting ?? sorting };
    }),
  setOpenFolders: (open) => set({ openFolders: fewEnough(open) }),
  setLastDir: (lastDir) => set({ lastDir }),
  forget: () => {
    scrolls = new Map();
    set({ places: new Map(), openFolders: TOP_OPEN, lastDir: '', sorting: FIRST });
  },
}));

/** No directory is called so: theirs begin with a slash, or are empty. */
const TRASH = 'trash';

/** By what the place of a folder is kept, and that of the trash, which has none. */
export function placeKey(dir: string, isTrash: boolean): string {
  return isTrash ? TRASH : dir;
}

/** For every way from outside of the library to something in it: what was searched for there last would hide it. */
export function uncover(address: string): void {
  const [path, search = ''] = address.split('?');
  if (path !== '/library') {
    return;
  }
  const { dir, trash }: { dir?: unknown; trash?: unknown } = defaultParseSearch(search);
  const key = placeKey(typeof dir === 'string' ? dir : '', trash === true);
  useLibraryPlaces.getState().change(key, { search: '' });
}

/** The address of a folder, with the name of the row to stand on if there is one. */
export function addressOf(dir: string, at?: string): string {
  return `/library${defaultStringifySearch({ dir: dir === '' ? undefined : dir, at })}`;
}

/** Where the way to the library leads: to the folder that was shown last, and where one is shown to the top. */
export function wayToLibrary(isFolderShown: boolean): string {
  return addressOf(isFolderShown ? '' : useLibraryPlaces.getState().lastDir);
}

// No state: it changes with every turn of the wheel, and nothing is drawn by it.
let scrolls: ReadonlyMap<string, number> = new Map();

/** How far the rows of a view were scrolled when they were last seen. */
export function scrollOf(viewKey: string): number {
  return scrolls.get(viewKey) ?? 0;
}

export function keepScroll(viewKey: string, top: number): void {
  scrolls = remembered(scrolls, viewKey, top);
}
