import { useQueries, useQuery, useQueryClient } from '@tanstack/react-query';

import type { LibraryPage, LibraryPageRequest, ListedFile } from '../../ipc/bindings';
import { client } from '../../ipc/client';
import { toUiError } from '../../ipc/errors';
import { keys } from '../../ipc/keys';
import type { LibraryView } from './model';
import { MAX_SELECTED } from './selection';

/** Rows asked for at a time; the shell answers with at most 500. */
const WINDOW_ROWS = 250;

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
  return { queryKey: [...keys.library, 'page', request], queryFn: () => client.libraryPage(request) };
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

/** The rows around what is visible; the first window is always there, as it knows how many there are. */
export function useLibraryRows(view: LibraryView, range: VisibleRange) {
  const queryClient = useQueryClient();
  const windows = [...new Set([0, ...windowsOf(range.first, range.last)])];
  const results = useQueries({ queries: windows.map((window) => pageQuery(view, window)) });
  const first = results[0];
  const failed = results.filter((result) => result.error !== null);
  const failure = failed.find((result) => result.data === undefined)?.error ?? null;
  const outdated = failed[0]?.error ?? null;

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

  const anew = (window: number) => queryClient.fetchQuery({ ...pageQuery(view, window), staleTime: 0 });
  /** Every row as it is now; null where there are more than can be chosen. */
  const loadAllAnew = async (): Promise<ListedFile[] | null> => {
    const top = await anew(0);
    if (top.total > MAX_SELECTED) {
      return null;
    }
    const others = windowsOf(0, top.total - 1).slice(1);
    return [top, ...(await Promise.all(others.map(anew)))].flatMap((page) => page.rows);
  };

  return {
    total: first?.data?.total,
    error: failure === null ? null : toUiError(failure),
    /** Why the rows that are shown may be old: they were asked for anew in vain. */
    outdated: failure !== null || outdated === null ? null : toUiError(outdated),
    retry: () => queryClient.invalidateQueries({ queryKey: keys.library }),
    rowAt,
    loadRange,
    loadAllAnew,
  };
}

export function useFileInfo(id: string) {
  return useQuery({ queryKey: keys.file(id), queryFn: () => client.fileInfo({ name: id }) });
}

/** The versions of a file, the newest first. Asked for only while somebody looks at them. */
export function useFileVersions(id: string, isShown: boolean) {
  return useQuery({
    queryKey: keys.versions(id),
    queryFn: () => client.fileVersions({ name: id }),
    enabled: isShown,
  });
}
