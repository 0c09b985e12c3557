import { act, fireEvent, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, describe, expect, it, vi } from 'vitest';

import type { LibraryPageRequest } from '../../ipc/bindings';
import { keys } from '../../ipc/keys';
import { expectAccessible } from '../../testing/accessibility';
import { fakeFile, fakePage } from '../../testing/fakeLibrary';
import { fakeError } from '../../testing/fakeShell';
import { shellForTests } from '../../testing/shellForTests';
import { show } from '../../testing/show';
import { FolderTree } from './FolderTree';
import { useLibraryPlaces } from './libraryPlaces';

const shell = shellForTests();

const folder = (name: string) => fakeFile({ name, id: name, kind: 'directory', size: 0, health: null });

beforeEach(() => {
  shell.files = [
    ...['/documents', '/photos', '/photos/2026', '/photos/2026/june'].map(folder),
    fakeFile({ name: '/letter.txt', id: 'l' }),
  ];
});

function showTree(dir = '') {
  const onOpen = vi.fn<(dir: string) => void>();
  return { ...show(<FolderTree dir={dir} onOpen={onOpen} />), onOpen };
}

const item = (name: string) => screen.findByRole('row', { name });
const asked = () => {
  const requests = shell.requests('library_page') as LibraryPageRequest[];
  return requests.filter(({ kind }) => kind === 'directory').map(({ dir }) => dir ?? '');
};

describe('the tree of folders', () => {
  it('shows folders only, and reads each when it is opened', async () => {
    const { container } = showTree();
    await item('documents');
    expect(screen.queryByText('letter.txt')).toBeNull();
    expect(new Set(asked())).toEqual(new Set(['']));
    await userEvent.click(within(await item('photos')).getByRole('button'));
    await item('2026');
    expect(new Set(asked())).toEqual(new Set(['', '/photos']));
    await expectAccessible(container);
  });

  it('opens a folder in the table, and says which one is there', async () => {
    const { onOpen } = showTree('/photos');
    await userEvent.click(await item('documents'));
    expect(onOpen).toHaveBeenCalledWith('/documents');
    expect((await item('photos')).textContent).toContain(', shown');
    await userEvent.click(await item('Library'));
    expect(onOpen).toHaveBeenLastCalledWith('');
  });

  it('is walked with the keyboard', async () => {
    const person = userEvent.setup();
    const { onOpen } = showTree();
    await item('photos');
    await person.tab();
    await person.keyboard('{ArrowDown}{ArrowDown}');
    await person.keyboard('{ArrowRight}');
    await item('2026');
    await person.keyboard('{ArrowDown}{Enter}');
    expect(onOpen).toHaveBeenCalledWith('/photos/2026');
    await person.keyboard('{ArrowLeft}{ArrowLeft}{ArrowLeft}');
    await waitFor(() => expect(screen.queryByText('2026')).toBeNull());
  });

  it('remembers what is open', async () => {
    const { unmount } = showTree();
    await userEvent.click(within(await item('photos')).getByRole('button'));
    await item('2026');
    unmount();
    showTree();
    expect(await item('2026')).toBeDefined();
  });

  it('forgets an open folder that is gone, with those in it', async () => {
    const { queryClient } = showTree();
    await userEvent.click(within(await item('photos')).getByRole('button'));
    await userEvent.click(within(await item('2026')).getByRole('button'));
    await item('june');
    shell.files = [folder('/documents')];
    await act(() => queryClient.invalidateQueries({ queryKey: keys.library }));
    await waitFor(() => expect([...useLibraryPlaces.getState().openFolders]).toEqual(['']));
  });

  it('shows very many folders step by step', async () => {
    const files = Array.from({ length: 55 }, (_, index) => folder(`/f${String(index).padStart(3, '0')}`));
    shell.on('library_page', (request: LibraryPageRequest) => fakePage(files, request));
    showTree();
    await screen.findByText('f049');
    expect(screen.queryByText('f050')).toBeNull();
    const answers: (() => void)[] = [];
    shell.on('library_page', async (request: LibraryPageRequest) => {
      await new Promise<void>((resolve) => answers.push(resolve));
      return fakePage(files, request);
    });
    fireEvent.click(screen.getByText('More…'));
    await waitFor(() => expect(answers).toHaveLength(1));
    // What is there stays, and is not asked for twice.
    fireEvent.click(screen.getByText('More…'));
    expect(screen.getByText('f049')).toBeDefined();
    expect(answers).toHaveLength(1);
    await act(async () => answers[0]?.());
    await screen.findByText('f054');
    expect(screen.queryByText('More…')).toBeNull();
  });

  it('says that a folder could not be read, and reads it when it is pressed', async () => {
    shell.on('library_page', () => {
      throw fakeError('database_unusable', 'The disk is full.');
    });
    const { container } = showTree();
    const line = await screen.findByText('Could not be read. Try again');
    expect(screen.queryByText('Loading…')).toBeNull();
    await expectAccessible(container);
    shell.on('library_page', (request: LibraryPageRequest) => fakePage(shell.files, request));
    fireEvent.click(line);
    await item('photos');
    expect(screen.queryByText('Could not be read. Try again')).toBeNull();
  });

  it('leads to the list where more folders are than it shows', async () => {
    const files = Array.from({ length: 501 }, (_, index) => folder(`/f${String(index).padStart(3, '0')}`));
    shell.on('library_page', (request: LibraryPageRequest) => fakePage(files, { ...request, limit: 500 }));
    const { onOpen } = showTree();
    fireEvent.click(await screen.findByText('The others are in the list'));
    expect(onOpen).toHaveBeenCalledWith('');
  });
});
