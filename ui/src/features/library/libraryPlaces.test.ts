import { beforeEach, describe, expect, it } from 'vitest';

import { MAX_OPEN_FOLDERS, useLibraryPlaces } from './libraryPlaces';

beforeEach(() => useLibraryPlaces.getState().forget());

/** Opens one after the other, as the tree does. */
function open(...dirs: string[]): string[] {
  for (const dir of dirs) {
    const { openFolders, setOpenFolders } = useLibraryPlaces.getState();
    setOpenFolders([...openFolders, dir]);
  }
  return [...useLibraryPlaces.getState().openFolders];
}

const many = (above: string) => Array.from({ length: MAX_OPEN_FOLDERS }, (_, index) => `${above}/f${index}`);

describe('very many open folders', () => {
  it('close the one that was opened first and holds no open one, never the top or what is above the last', () => {
    const opened = open('/photos', '/photos/2026', '/photos/2026/june', ...many('/work'));
    expect(opened).toHaveLength(MAX_OPEN_FOLDERS);
    expect(opened).toContain('');
    expect(opened.at(-1)).toBe(`/work/f${MAX_OPEN_FOLDERS - 1}`);
    expect(opened).not.toContain('/photos/2026/june');
  });

  it('keep the way to the one that was opened last, however long ago it was opened', () => {
    const opened = open('/photos', '/photos/2026', ...many('').slice(3), '/photos/2026/june');
    expect(opened).toHaveLength(MAX_OPEN_FOLDERS);
    expect(opened).toEqual(expect.arrayContaining(['', '/photos', '/photos/2026', '/photos/2026/june']));
    expect(opened).not.toContain('/f3');
  });
});
