import { useQueries, useQuery, useQueryClient } from '@tanstack/react-query';

import type { LibraryPage, LibraryPageRequest, ListedFile } from '../../ipc/bindings';
import { client } from '../../ipc/client';
import { toUiError } from '../../ipc/errors';
import { keys } from '../../ipc/keys';
import { fetchAnew, refreshAnswers } from '../../ipc/refreshAnswers';
import { useDelayed } from '../../lib/hooks';
import { keyOf, type LibraryView } from './model';
import { named } from './named';
import { MAX_SELECTED, type Sighting, type Spot } from './selection';
import type { FoundRow } from './useFetchedRows';

/** Rows asked for at a time; the shell answers with at most 500. */
const WINDOW_ROWS = 250;

/** So long rows stay that nobody looks at: enough to scroll back. A walk through a large library keeps no more of it. */
const PAGE_KEPT_MS = 30_000;

/** While an arrow key is held, the details of what it passes are asked of nobody. */
const DETAILS_DELAY_MS = 150;

/** So many windows are looked through for rows that moved: enough for all that can be chosen. */
const MAX_LOOKED_THROUGH = Math.ceil(MAX_SELECTED / WINDOW_ROWS);

function requestOf(view: LibraryView, window: number): LibraryPageRequest {
  return {
    ...(view.dir === '' ? {} : { dir: view.dir }),
    ...(view.search === '' ? {} : { search: view.search }),
    ...(view.state === undefined ? {} : { state: view.state }),
    trash: view.isTrash,
    sort: view.sort,
    descending: view.isDescending,
    offset: window * WINDOW_ROWS,
    limit: WINDOW_ROWS,
  };
}

function pageQuery(view: LibraryView, window: number) {
  const request = requestOf(view, window);
  return {
    queryKey: [...keys.library, 'page', request],
    queryFn: () => client.libraryPage(request),
    gcTime: PAGE_KEPT_MS,
  };
}

function windowsOf(first: number, last: number): number[] {
  const from = Math.floor(Math.max(0, first) / WINDOW_ROWS);
  const to = Math.floor(Math.max(first, last, 0) / WINDOW_ROWS);
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}

export interface VisibleRange {
  first: number;
  last: number;
}

/** Whether the same is to be asked for in both: with every row that comes into sight the whole screen would be drawn. */
export function needsSame(one: VisibleRange, other: VisibleRange): boolean {
  return windowsOf(one.first, one.last).join() === windowsOf(other.first, other.last).join();
}

/**
 * The rows around what is visible, and around those that the keyboard stands on; the first window is always there, as
 * it knows how many there are.
 */
export function useLibraryRows(view: LibraryView, range: VisibleRange, spots: readonly Spot[]) {
  const queryClient = useQueryClient();
  const ofSpots = spots.filter(({ index }) => index >= 0).flatMap(({ index }) => windowsOf(index, index));
  const windows = [...new Set([0, ...windowsOf(range.first, range.last), ...ofSpots])];
  const results = useQueries({ queries: windows.map((window) => pageQuery(view, window)) });
  const first = results[0];
  const failed = results.filter((result) => result.error !== null);
  const unread = failed.filter((result) => result.data === undefined);
  const failure = first?.data === undefined ? (first?.error ?? null) : null;
  const part = failure === null ? (unread[0]?.error ?? null) : null;
  const outdated = unread.length === 0 ? (failed[0]?.error ?? null) : null;

  const rowAt = (index: number): ListedFile | undefined => {
    const window = Math.floor(index / WINDOW_ROWS);
    const page =
      results[windows.indexOf(window)]?.data ??
      queryClient.getQueryData<LibraryPage>(pageQuery(view, window).queryKey);
    return page?.rows[index - window * WINDOW_ROWS];
  };

  /** All rows of a range, also those that were never visible. */
  const loadRange = async (from: number, to: number): Promise<ListedFile[]> => {
    const pages = await Promise.all(
      windowsOf(from, to).map((window) => queryClient.fetchQuery(pageQuery(view, window))),
    );
    const offset = windowsOf(from, to)[0] ?? 0;
    return pages
      .flatMap((page) => page.rows)
      .slice(from - offset * WINDOW_ROWS, to - offset * WINDOW_ROWS + 1);
  };

  /** The number of a row now; null where another row has its number and it was not seen elsewhere. */
  const indexOf = ({ index, id }: Spot): number | null => {
    const there = rowAt(index);
    if (id === null || there === undefined || keyOf(there) === id) {
      return index;
    }
    for (const [at, window] of windows.entries()) {
      const found = results[at]?.data?.rows.findIndex((file) => keyOf(file) === id) ?? -1;
      if (found >= 0) {
        return window * WINDOW_ROWS + found;
      }
    }
    return null;
  };

  const anew = (window: number) => fetchAnew(queryClient, pageQuery(view, window));
  /** Looks where these rows were last seen, and for those that are not there further and further around it. */
  const lookFor = async (wanted: Sighting['wanted']): Promise<Sighting> => {
    const rows = new Map<string, { file: ListedFile; index: number }>();
    const read = async (window: number) => {
      const page = await anew(window);
      for (const [at, file] of page.rows.entries()) {
        if (wanted.has(keyOf(file))) {
          rows.set(keyOf(file), { file, index: window * WINDOW_ROWS + at });
        }
      }
      return page.total;
    };
    const known = [...wanted].flatMap(([key, index]) => (index === undefined ? [] : [{ key, index }]));
    const seen = new Set(known.flatMap(({ index }) => windowsOf(index, index)));
    const near = seen.size === 0 ? [0] : [...seen].slice(0, MAX_LOOKED_THROUGH);
    const total = Math.max(...(await Promise.all(near.map(read))));
    const distance = (window: number) => Math.min(...near.map((from) => Math.abs(from - window)));
    const others = (total === 0 ? [] : windowsOf(0, total - 1))
      .filter((window) => !near.includes(window))
      .toSorted((a, b) => distance(a) - distance(b));
    let looked = 0;
    while (looked < others.length && near.length + looked < MAX_LOOKED_THROUGH) {
      if (known.every(({ key }) => rows.has(key))) {
        break;
      }
      // One after the other: mostly the next one has it.
      // eslint-disable-next-line no-await-in-loop
      await read(others[looked] ?? 0);
      looked += 1;
    }
    return { wanted, rows, total, isAll: looked === others.length };
  };

  /** A row by its name, looked for from the top on; null where it is not there, or too far below. */
  const findNamed = async (name: string): Promise<FoundRow | null> => {
    for (let window = 0; window < MAX_LOOKED_THROUGH; window += 1) {
      // One after the other: folders come first.
      // eslint-disable-next-line no-await-in-loop
      const { rows, total } = await queryClient.fetchQuery(pageQuery(view, window));
      const at = rows.findIndex((file) => file.name === name);
      const file = rows[at];
      if (file !== undefined) {
        return { file, index: window * WINDOW_ROWS + at };
      }
      if ((window + 1) * WINDOW_ROWS >= total) {
        break;
      }
    }
    return null;
  };

  return {
    total: first?.data?.total,
    error: failure === null ? null : toUiError(failure),
    /** Why the rows that are shown may be old: they were asked for anew in vain. */
    outdated: outdated === null ? null : toUiError(outdated),
    retry: () => refreshAnswers(queryClient, keys.library),
    /** Why some of the rows are not there, though the others are. */
    part: part === null ? null : toUiError(part),
    retryPart: () => Promise.all(unread.map((result) => result.refetch())),
    rowAt,
    indexOf,
    loadRange,
    lookFor,
    findNamed,
  };
}

/** What is known of a file already is there at once; what is not is asked for once the person stays with it. */
export function useFileInfo(file: ListedFile) {
  const { id } = file;
  const isRested = useDelayed(id, DETAILS_DELAY_MS) === id;
  return useQuery({
    queryKey: keys.file(id),
    queryFn: () => named([file], () => client.fileInfo({ name: id })),
    enabled: isRested,
  });
}

/** The versions of a file, the newest first. Asked for only while somebody looks at them. */
export function useFileVersions(file: ListedFile, isShown: boolean) {
  const { id } = file;
  return useQuery({
    queryKey: keys.versions(id),
    queryFn: () => named([file], () => client.fileVersions({ name: id })),
    enabled: isShown,
  });
}
