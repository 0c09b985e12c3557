import { type QueryClient, useQueries, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';

import type { LibraryPage, LibraryPageRequest } from '../../ipc/bindings';
import { client } from '../../ipc/client';
import { keys } from '../../ipc/keys';
import { useLibraryPlaces } from './libraryPlaces';

/** So many more folders of a folder are shown at a time. */
const FOLDERS_A_STEP = 50;

/** The largest answer of the shell: a folder of more folders than this is walked in the table. */
const MAX_FOLDERS = 500;

/** What the tree shows of an open folder. */
export interface OpenFolder {
  /** The folders in it, by their whole names; undefined until they are known. */
  folders: readonly string[] | undefined;
  /** Where those are that are not shown: a step further, or in the list only as they are too many here. */
  others: 'more' | 'in-list' | null;
  /** It was asked for in vain. */
  isFailed: boolean;
}

const aboveOf = (dir: string): string => dir.slice(0, dir.lastIndexOf('/'));

/** Open, with all that is above it: only what can be seen is asked for. */
function isSeen(dir: string, open: ReadonlySet<string>): boolean {
  return dir === '' || (open.has(dir) && isSeen(aboveOf(dir), open));
}

/** Whether it or a folder above it is no longer in the one that it was in. One of which not all is shown proves nothing. */
function isGone(dir: string, known: ReadonlyMap<string, OpenFolder>): boolean {
  if (dir === '') {
    return false;
  }
  const around = known.get(aboveOf(dir));
  return (around?.folders?.includes(dir) === false && around.others === null) || isGone(aboveOf(dir), known);
}

/** Lets go of the open folders that are no more: each would be asked for in vain with every change. */
function useNoneGone(open: ReadonlySet<string>, known: ReadonlyMap<string, OpenFolder>): void {
  const setOpenFolders = useLibraryPlaces((all) => all.setOpenFolders);
  useEffect(() => {
    const left = [...open].filter((dir) => !isGone(dir, known));
    if (left.length < open.size) {
      setOpenFolders(left);
    }
  });
}

function foldersQuery(dir: string, step: number) {
  const request: LibraryPageRequest = {
    ...(dir === '' ? {} : { dir }),
    kind: 'directory',
    trash: false,
    sort: 'name',
    descending: false,
    offset: 0,
    limit: Math.min(MAX_FOLDERS, step * FOLDERS_A_STEP),
  };
  return {
    queryKey: [...keys.library, 'folders', request],
    queryFn: () => client.libraryPage(request),
  };
}

/** The last that was known of a folder before this step: while more of it is awaited, it stays. */
function pageBefore(queryClient: QueryClient, dir: string, step: number): LibraryPage | undefined {
  for (let before = step - 1; before > 0; before -= 1) {
    const page = queryClient.getQueryData<LibraryPage>(foldersQuery(dir, before).queryKey);
    if (page !== undefined) {
      return page;
    }
  }
  return undefined;
}

function openFolder(page: LibraryPage | undefined, isFailed: boolean): OpenFolder {
  if (page === undefined) {
    return { folders: undefined, others: null, isFailed };
  }
  const folders = page.rows.map(({ name }) => name);
  const others = folders.length < MAX_FOLDERS ? 'more' : 'in-list';
  return { folders, others: folders.length < page.total ? others : null, isFailed };
}

/** The folders in the open folders, each asked for when it is opened. */
export function useFolders() {
  const queryClient = useQueryClient();
  const open = useLibraryPlaces(({ openFolders }) => openFolders);
  const [steps, setSteps] = useState<ReadonlyMap<string, number>>(new Map());
  const stepOf = (dir: string) => steps.get(dir) ?? 1;
  const seen = [...new Set(['', ...open])].filter((dir) => dir === '' || isSeen(dir, open));
  const results = useQueries({ queries: seen.map((dir) => foldersQuery(dir, stepOf(dir))) });
  const resultOf = (dir: string) => results[seen.indexOf(dir)];
  const known = new Map<string, OpenFolder>();
  for (const dir of seen) {
    const result = resultOf(dir);
    const page = result?.data ?? pageBefore(queryClient, dir, stepOf(dir));
    known.set(dir, openFolder(page, result?.error !== null && result?.isFetching === false));
  }
  useNoneGone(open, known);
  return {
    open,
    known,
    showMore: (dir: string) => {
      // What is awaited has not been seen yet.
      if (resultOf(dir)?.data !== undefined) {
        setSteps((before) => new Map(before).set(dir, (before.get(dir) ?? 1) + 1));
      }
    },
    retry: (dir: string) => {
      resultOf(dir)
        ?.refetch()
        .catch(() => undefined);
    },
  };
}
