import { fireEvent, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { useState } from 'react';
import { describe, expect, it } from 'vitest';

import type { LibraryPageRequest } from '../../ipc/bindings';
import { fakeFile, fakeFiles, fakePage } from '../../testing/fakeLibrary';
import { show } from '../../testing/show';
import { shellForTests } from '../../testing/shellForTests';
import { WindowNotes } from '../../app/WindowNotes';
import { LibraryProviders } from './LibraryProviders';
import { LibraryScreen } from './LibraryScreen';
import { grid, holdPages, row, showLibrary } from './showLibrary';

const shell = shellForTests();

const ignore = () => undefined;

/** The library with a way from folder to folder. */
function Walk() {
  const [{ dir, at }, setPlace] = useState<{ dir: string; at?: string | undefined }>({ dir: '' });
  return (
    <LibraryProviders destination={dir}>
      <WindowNotes onTransfers={ignore} />
      <LibraryScreen
        dir={dir}
        state={undefined}
        isTrash={false}
        onState={ignore}
        at={at}
        onOpenDir={(opened, wanted) => setPlace({ dir: opened, at: wanted })}
        onTrash={ignore}
      />
    </LibraryProviders>
  );
}

const folder = (name: string) => fakeFile({ name, id: name, kind: 'directory', size: 0, health: null });

describe('the focus', () => {
  it('stays on the rows from folder to folder and back, where each was left', async () => {
    const person = userEvent.setup();
    shell.files = [folder('/documents'), fakeFile({ name: '/documents/plan.odt', id: 'plan' })];
    show(<Walk />);
    const table = await grid();
    table.focus();
    await row(/documents/u);
    table.scrollTop = 400;
    fireEvent.scroll(table);
    const { release } = holdPages(shell);
    await person.keyboard('{ArrowDown}{Enter}');
    await screen.findByRole('status', { name: 'Loading…' });
    expect(document.activeElement).toBe(table);
    await release();
    await row(/plan\.odt/u);
    expect(document.activeElement).toBe(table);
    expect(table.scrollTop).toBe(0);
    shell.on('library_page', (request: LibraryPageRequest) => fakePage(shell.files, request));
    await person.keyboard('{Backspace}');
    const folderRow = await row(/documents/u);
    expect(document.activeElement).toBe(table);
    expect(table.scrollTop).toBe(400);
    await waitFor(() => expect(folderRow.getAttribute('aria-selected')).toBe('true'));
  });

  it('is not lost in an empty folder, from which a key leads back', async () => {
    const person = userEvent.setup();
    shell.files = [folder('/documents')];
    show(<Walk />);
    (await grid()).focus();
    await row(/documents/u);
    await person.keyboard('{ArrowDown}{Enter}');
    await screen.findByRole('heading', { name: 'This folder is empty' });
    expect(document.activeElement).not.toBe(document.body);
    await person.keyboard('{Backspace}');
    await row(/documents/u);
    expect(document.activeElement).toBe(await grid());
  });

  it('is on the rows after what has left nothing to press', async () => {
    const person = userEvent.setup();
    shell.files = [folder('/documents'), fakeFile({ name: '/documents/plan.odt', id: 'plan' })];
    show(<Walk />);
    await person.click(await row(/documents/u));
    await person.click(screen.getByRole('button', { name: 'Open' }));
    await person.click(await row(/plan\.odt/u));
    expect(document.activeElement).toBe(await grid());
    await person.click(screen.getByRole('button', { name: 'Remove…' }));
    await person.click(await screen.findByRole('button', { name: 'Move to trash' }));
    await screen.findByText('1 item moved to the trash.');
    await waitFor(async () => expect(document.activeElement).toBe(await grid()));
    await person.click(screen.getByRole('button', { name: 'Library' }));
    await row(/documents/u);
    expect(document.activeElement).toBe(await grid());
  });
});

describe('a row with another name', () => {
  it('keeps the keyboard and stays chosen where it comes to lie', async () => {
    const person = userEvent.setup();
    shell.files = ['a', 'b', 'c'].map((id) => fakeFile({ name: `/${id}.txt`, id }));
    shell.on('file_rename', async ({ name: id, new_name: name }: { name: string; new_name: string }) => {
      shell.files = shell.files.map((file) => (file.id === id ? { ...file, name: `/${name}` } : file));
      await shell.emit('library-changed', null);
      return { name: `/${name}` };
    });
    show(<Walk />);
    const table = await grid();
    table.focus();
    await row(/a\.txt/u);
    await person.keyboard('{ArrowDown}{F2}');
    const field = await screen.findByLabelText('New name');
    await person.clear(field);
    await person.type(field, 'z.txt{Enter}');
    const renamed = await row(/z\.txt/u);
    expect(renamed.getAttribute('aria-selected')).toBe('true');
    await waitFor(() => expect(table.getAttribute('aria-activedescendant')).toBe(renamed.id));
    await waitFor(() => expect(document.activeElement).toBe(table));
    await person.keyboard('{ArrowUp}{Delete}');
    await screen.findByRole('alertdialog');
    await person.click(screen.getByRole('button', { name: 'Move to trash' }));
    expect(shell.requests('files_remove')).toEqual([{ names: ['c'] }]);
  });
});

describe('a row that has not arrived', () => {
  it('is chosen when it has, and nothing before', async () => {
    const person = userEvent.setup();
    shell.files = fakeFiles(600);
    showLibrary();
    (await grid()).focus();
    await row(/000000 report/u);
    await person.keyboard('{ArrowDown}{ArrowDown}{ArrowDown}');
    await screen.findByText('1 item selected');
    const { release } = holdPages(shell);
    await person.keyboard('{End}');
    await screen.findByText('602 items');
    expect(screen.queryByRole('button', { name: 'Download…' })).toBeNull();
    await release();
    await screen.findByText('1 item selected');
    await person.click(screen.getByRole('button', { name: 'Download…' }));
    expect(shell.requests('download_start')).toEqual([{ names: [(599).toString(16).padStart(16, '0')] }]);
  });

  it('is not chosen when the person has moved on', async () => {
    const person = userEvent.setup();
    shell.files = fakeFiles(600);
    showLibrary();
    (await grid()).focus();
    await row(/000000 report/u);
    const { release } = holdPages(shell);
    await person.keyboard('{End}{Home}');
    await release();
    await person.click(await screen.findByRole('button', { name: 'Remove…' }));
    await screen.findByRole('alertdialog');
    await person.click(screen.getByRole('button', { name: 'Move to trash' }));
    expect(shell.requests('files_remove')).toEqual([{ names: ['folder/documents'] }]);
  });
});
