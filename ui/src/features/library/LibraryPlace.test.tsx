import { act, fireEvent, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, describe, expect, it, vi } from 'vitest';

import { App } from '../../app/App';
import type { LibraryPageRequest } from '../../ipc/bindings';
import { keys } from '../../ipc/keys';
import { fakeFile, fakeFiles, fakePage } from '../../testing/fakeLibrary';
import { fakeTransfer } from '../../testing/fakeReports';
import { fakeError } from '../../testing/fakeShell';
import { shellForTests } from '../../testing/shellForTests';
import { show } from '../../testing/show';
import { grid, row, showLibrary } from './showLibrary';

const shell = shellForTests();

const folder = (name: string) => fakeFile({ name, id: name, kind: 'directory', size: 0, health: null });
const FIRST_PAGE: LibraryPageRequest = {
  dir: '/photos',
  trash: false,
  sort: 'name',
  descending: false,
  offset: 0,
  limit: 250,
};
const search = () => screen.getByLabelText<HTMLInputElement>('Search the library');

describe('the place in the library', () => {
  it('is kept while another screen is shown: the order, the search and how far it was scrolled', async () => {
    const person = userEvent.setup();
    shell.files = fakeFiles(400);
    show(<App />);
    await grid();
    await person.click(screen.getByRole('button', { name: 'Size' }));
    await person.type(search(), 'report');
    await waitFor(() =>
      expect(shell.requests('library_page').at(-1)).toMatchObject({ search: 'report', sort: 'size' }),
    );
    const table = await grid();
    await waitFor(() => expect(table.getAttribute('aria-busy')).toBe('false'));
    table.scrollTop = 720;
    fireEvent.scroll(table);
    await person.click(screen.getByRole('link', { name: /Settings/u }));
    await screen.findByRole('heading', { level: 1, name: 'Settings' });
    await person.click(screen.getByRole('link', { name: /Library/u }));
    expect((await grid()).scrollTop).toBe(720);
    expect(search().value).toBe('report');
    const size = screen.getByRole('columnheader', { name: 'Size' });
    expect(size.getAttribute('aria-sort')).toBe('descending');
  });

  it('keeps what was typed or cleared in the last moment', async () => {
    const type = (text: string) => fireEvent.change(search(), { target: { value: text } });
    let page = showLibrary();
    await grid();
    type('report');
    page.unmount();
    page = showLibrary();
    expect(search().value).toBe('report');
    await waitFor(() => expect(shell.requests('library_page').at(-1)).toMatchObject({ search: 'report' }));
    type('');
    page.unmount();
    showLibrary();
    expect(search().value).toBe('');
  });

  it('is the folder that was left, and the top once more', async () => {
    const person = userEvent.setup();
    shell.files = [folder('/photos'), fakeFile({ name: '/photos/alpha', id: 'a' })];
    window.location.hash = '#/library?dir=%2Fphotos';
    show(<App />);
    await row(/alpha/u);
    await person.keyboard('{Control>}8{/Control}');
    await screen.findByRole('heading', { level: 1, name: 'Settings' });
    await person.keyboard('{Control>}1{/Control}');
    await row(/alpha/u);
    await person.click(screen.getByRole('link', { name: /Settings/u }));
    await screen.findByRole('heading', { level: 1, name: 'Settings' });
    await person.click(screen.getByRole('link', { name: /Library/u }));
    await row(/alpha/u);
    await person.click(screen.getByRole('link', { name: /Library/u }));
    await row(/photos/u);
    expect(screen.getByRole('heading', { level: 1, name: 'Library' })).toBeDefined();
  });

  it('is the folder that was left also when the trash was shown', async () => {
    const person = userEvent.setup();
    shell.files = [folder('/photos'), fakeFile({ name: '/photos/alpha', id: 'a' })];
    window.location.hash = '#/library?dir=%2Fphotos';
    show(<App />);
    await row(/alpha/u);
    await person.click(screen.getByRole('button', { name: 'Trash' }));
    await person.click(await screen.findByRole('button', { name: 'Back to the library' }));
    await row(/alpha/u);
    await person.click(screen.getByRole('button', { name: 'Trash' }));
    await screen.findByRole('heading', { level: 1, name: 'Trash' });
    await person.click(screen.getByRole('link', { name: /Library/u }));
    await row(/alpha/u);
  });

  it('shows what was stored also where something else was searched for last', async () => {
    const person = userEvent.setup();
    shell.files = [fakeFile({ name: '/alpha', id: 'a' }), fakeFile({ name: '/beta', id: 'b' })];
    const done = { state: 'done', finished: '2026-11-22T12:00:00Z' } as const;
    shell.transfers = {
      paused_all: false,
      transfers: [fakeTransfer({ ...done, name: 'beta', folder: '/' })],
    };
    show(<App />);
    await row(/alpha/u);
    await person.type(search(), 'alph');
    await waitFor(() => expect(shell.requests('library_page').at(-1)).toMatchObject({ search: 'alph' }));
    await person.click(screen.getByRole('link', { name: /Transfers/u }));
    await person.click(await screen.findByRole('link', { name: 'Show in library: beta' }));
    await waitFor(async () => expect((await row(/beta/u)).getAttribute('aria-selected')).toBe('true'));
    expect(search().value).toBe('');
  });

  it.each(['the activity', 'the tray'])('is shown whole to whoever comes from %s', async (from) => {
    const person = userEvent.setup();
    shell.files = [
      fakeFile({ name: '/alpha', id: 'a' }),
      fakeFile({ name: '/beta', id: 'b', health: { alive: 11, needed: 10, total: 30, state: 'at_risk' } }),
    ];
    const [entry] = shell.entries;
    shell.entries = entry === undefined ? [] : [{ ...entry, opens: '/library?state=at_risk' }];
    show(<App />);
    await row(/alpha/u);
    await person.type(search(), 'alph');
    await waitFor(() => expect(shell.requests('library_page').at(-1)).toMatchObject({ search: 'alph' }));
    // Also what is not looked for yet.
    await person.type(search(), 'a');
    if (from === 'the tray') {
      await act(() => shell.emit('navigate', { to: '/library?state=at_risk' }));
    } else {
      await person.click(screen.getByRole('link', { name: /Activity/u }));
      await person.click(await screen.findByRole('button', { name: /^Open/u }));
    }
    await row(/beta/u);
    expect(search().value).toBe('');
    expect(shell.requests('library_page').at(-1)).toMatchObject({ state: 'at_risk' });
  });

  it('keeps what is searched for in a folder to which no way from outside leads', async () => {
    const person = userEvent.setup();
    shell.files = [folder('/photos'), fakeFile({ name: '/photos/alpha', id: 'a' })];
    show(<App />);
    await grid();
    await person.type(search(), 'phot');
    await act(() => shell.emit('navigate', { to: '/library?dir=%2Fphotos' }));
    await row(/alpha/u);
    await act(() => shell.emit('navigate', { to: '/library?trash=true' }));
    await screen.findByRole('heading', { level: 1, name: 'Trash' });
    await person.click(screen.getByRole('button', { name: 'Back to the library' }));
    await row(/alpha/u);
    await person.click(screen.getByRole('link', { name: /Library/u }));
    await screen.findByRole('heading', { level: 1, name: 'Library' });
    expect(search().value).toBe('phot');
  });

  it('lets go of rows that nobody has looked at for a while', async () => {
    const { queryClient, unmount } = showLibrary();
    await row(/000000/u);
    vi.useFakeTimers();
    try {
      unmount();
      vi.advanceTimersByTime(31_000);
      expect(queryClient.getQueryCache().findAll({ queryKey: [...keys.library, 'page'] })).toEqual([]);
    } finally {
      vi.useRealTimers();
    }
  });

  it('is that of every folder, and a folder that is opened is shown whole', async () => {
    const person = userEvent.setup();
    shell.files = [folder('/photos'), fakeFile({ name: '/photos/alpha', id: 'a' })];
    show(<App />);
    await grid();
    await person.type(search(), 'phot');
    await waitFor(() => expect(shell.requests('library_page').at(-1)).toMatchObject({ search: 'phot' }));
    await person.dblClick(await row(/^Folder/u));
    await row(/alpha/u);
    expect(search().value).toBe('');
    (await grid()).focus();
    await person.keyboard('{Backspace}');
    await screen.findByRole('heading', { level: 1, name: 'Library' });
    expect(search().value).toBe('phot');
  });

  it('going up is the folder that one came from', async () => {
    const person = userEvent.setup();
    shell.files = [
      ...['/a', '/b', '/c'].map(folder),
      folder('/b/deep'),
      fakeFile({ name: '/b/deep/alpha', id: 'alpha' }),
    ];
    window.location.hash = '#/library?dir=%2Fb%2Fdeep';
    show(<App />);
    await row(/alpha/u);
    const table = await grid();
    table.focus();
    const active = () => document.getElementById(table.getAttribute('aria-activedescendant') ?? '');
    await person.keyboard('{Backspace}');
    await waitFor(() => expect(active()?.textContent).toContain('deep'));
    await person.keyboard('{Backspace}');
    await waitFor(() => expect(active()?.textContent).toContain('b'));
    await person.keyboard('{ArrowDown}');
    expect(active()?.textContent).toContain('c');
    await person.keyboard('{ArrowUp}{Enter}');
    await row(/deep/u);
  });

  it('going up says nothing of a folder that a search there leaves out', async () => {
    const person = userEvent.setup();
    shell.files = [...['/photos', '/photos/deep'].map(folder), fakeFile({ name: '/photos/deep/alpha' })];
    show(<App />);
    await grid();
    await person.type(search(), 'deep');
    await waitFor(() => expect(shell.requests('library_page').at(-1)).toMatchObject({ search: 'deep' }));
    await person.dblClick(await row(/^Folder.*deep/u));
    await row(/alpha/u);
    (await grid()).focus();
    await person.keyboard('{Backspace}');
    await screen.findByText('1 item selected');
    await person.keyboard('{Backspace}');
    await screen.findByRole('heading', { level: 1, name: 'Library' });
    await row(/^Folder.*deep/u);
    await act(() => new Promise((resolve) => setTimeout(resolve, 0)));
    expect(search().value).toBe('deep');
    expect(screen.queryByText(/is not in this list/u)).toBeNull();
  });

  it('is the row that an address names, also far below', async () => {
    shell.files = [
      ...fakeFiles(600).map(({ id, name }) => fakeFile({ id, name: `/photos${name}` })),
      fakeFile({ name: '/photos/zebra.jpg', id: 'zebra' }),
    ];
    window.location.hash = '#/library?dir=%2Fphotos&at=zebra.jpg';
    show(<App />);
    await screen.findByText('1 item selected');
    await screen.findByRole('heading', { level: 2, name: 'zebra.jpg' });
  });

  describe('named by an address whose row is looked for', () => {
    let answer: () => void;
    let fail: (error: unknown) => void;
    let last: string;

    beforeEach(() => {
      shell.files = fakeFiles(300).map(({ id, name }) => fakeFile({ id, name: `/photos${name}` }));
      last =
        fakePage(shell.files, { ...FIRST_PAGE, offset: 299 }).rows[0]?.name.slice('/photos/'.length) ?? '';
      shell.on('library_page', (request: LibraryPageRequest) => {
        const page = fakePage(shell.files, request);
        return request.offset === 0
          ? page
          : new Promise((resolve, reject) => {
              answer = () => resolve(page);
              fail = reject;
            });
      });
    });

    it('stays what the person chooses meanwhile', async () => {
      showLibrary({ dir: '/photos', at: last });
      const first = await row(/000000 report/u);
      await waitFor(() => expect(shell.requests('library_page')).toHaveLength(2));
      await userEvent.click(first);
      await act(async () => answer());
      await act(() => new Promise((resolve) => setTimeout(resolve, 0)));
      expect(first.getAttribute('aria-selected')).toBe('true');
    });

    it('says why it could not be looked for', async () => {
      showLibrary({ dir: '/photos', at: last });
      await waitFor(() => expect(shell.requests('library_page')).toHaveLength(2));
      await act(async () => fail(fakeError('database_unusable', 'The disk is full.')));
      await screen.findByText('The disk is full.');
    });
  });

  it('is the folder where an address names a row that is gone', async () => {
    shell.files = [fakeFile({ name: '/photos/zebra.jpg', id: 'zebra' })];
    window.location.hash = '#/library?dir=%2Fphotos&at=lion.jpg';
    show(<App />);
    await row(/zebra/u);
    expect(screen.getByText('1 item')).toBeDefined();
    await screen.findByText(/^“\u2068lion\.jpg\u2069” is not in this list\./u);
  });
});
