import { useQueries } from '@tanstack/react-query';
import { useState } from 'react';

import type { LibraryPage } from '../../ipc/bindings';
import { client } from '../../ipc/client';
import { keys } from '../../ipc/keys';
import { useLibraryPlaces } from './libraryPlaces';

/** Rows of a folder that are looked through at a time. Folders come first, so that mostly all of them are among these. */
const ROWS_A_STEP = 50;

/** The largest answer of the shell: a folder of more folders than this is walked in the table. */
const MAX_ROWS = 500;

/** What the tree shows of an open folder. */
export interface OpenFolder {
  /** The folders in it, by their whole names. */
  folders: readonly string[];
  /** There are more of them than are shown, and they can be. */
  hasMore: boolean;
}

/** Open, with all that is above it: only what can be seen is asked for. */
function isSeen(dir: string, open: ReadonlySet<string>): boolean {
  return dir === '' || (open.has(dir) && isSeen(dir.slice(0, dir.lastIndexOf('/')), open));
}

function openFolder({ rows, total }: LibraryPage): OpenFolder {
  const folders = rows.filter(({ kind }) => kind === 'directory').map(({ name }) => name);
  // A row that is no folder says that all of them were before it.
  const hasMore = folders.length === rows.length && rows.length < total && rows.length < MAX_ROWS;
  return { folders, hasMore };
}

/** The folders in the open folders, each asked for when it is opened; none is there until it is known. */
export function useFolders() {
  const open = useLibraryPlaces(({ openFolders }) => openFolders);
  const [steps, setSteps] = useState<ReadonlyMap<string, number>>(new Map());
  const seen = [...new Set(['', ...open])].filter((dir) => dir === '' || isSeen(dir, open));
  const results = useQueries({
    queries: seen.map((dir) => {
      const limit = Math.min(MAX_ROWS, (steps.get(dir) ?? 1) * ROWS_A_STEP);
      const request = {
        ...(dir === '' ? {} : { dir }),
        trash: false,
        sort: 'name' as const,
        descending: false,
        offset: 0,
        limit,
      };
      return {
        queryKey: [...keys.library, 'folders', request],
        queryFn: () => client.libraryPage(request),
        // While more of them are awaited, those that are there stay.
        placeholderData: (before: LibraryPage | undefined) => before,
      };
    }),
  });
  const known = new Map<string, OpenFolder>();
  for (const [at, dir] of seen.entries()) {
    const page = results[at]?.data;
    if (page !== undefined) {
      known.set(dir, openFolder(page));
    }
  }
  return {
    open,
    known,
    showMore: (dir: string) => setSteps((before) => new Map(before).set(dir, (before.get(dir) ?? 1) + 1)),
  };
}
