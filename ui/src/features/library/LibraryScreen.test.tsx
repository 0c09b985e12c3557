import { act, fireEvent, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it, vi } from 'vitest';

import type { LibraryPageRequest } from '../../ipc/bindings';
import { expectAccessible } from '../../testing/accessibility';
import { fakeFile, fakeFiles, fakeHealth, fakePage } from '../../testing/fakeLibrary';
import { fakeError } from '../../testing/fakeShell';
import { shellForTests } from '../../testing/shellForTests';
import { grid, row, showLibrary } from './showLibrary';

const shell = shellForTests();

const lastPage = () => shell.requests('library_page').at(-1) as LibraryPageRequest;

describe('the table', () => {
  it('shows 100 000 rows through small windows and draws only what is visible', async () => {
    shell.files = fakeFiles(99_998);
    showLibrary();
    expect((await grid()).getAttribute('aria-rowcount')).toBe('100001');
    await row(/000000 report\.pdf/u);
    expect(screen.getAllByRole('row').length).toBeLessThan(60);
    // The end as well: what has been drawn on the way is gone again.
    const scroller = await grid();
    scroller.scrollTop = 36 * 99_900;
    fireEvent.scroll(scroller);
    await waitFor(() =>
      expect(shell.requests('library_page')).toContainEqual(expect.objectContaining({ offset: 99_750 })),
    );
    expect(screen.getAllByRole('row').length).toBeLessThan(60);
    for (const request of shell.requests('library_page') as LibraryPageRequest[]) {
      expect(request.limit).toBeLessThanOrEqual(500);
    }
  });

  it('stays when a page of it cannot be read, which is tried again', async () => {
    shell.files = fakeFiles(2000);
    const { files } = shell;
    showLibrary();
    const scroller = await grid();
    await row(/000000 report/u);
    shell.on('library_page', (request: LibraryPageRequest) => {
      if (request.offset > 0) {
        throw fakeError('database_unusable', 'The disk was removed.');
      }
      return fakePage(files, request);
    });
    scroller.scrollTop = 36 * 1000;
    fireEvent.scroll(scroller);
    await screen.findByText('Some of the rows could not be read.');
    expect(await grid()).toBe(scroller);
    expect(scroller.scrollTop).toBe(36 * 1000);
    shell.on('library_page', (request: LibraryPageRequest) => fakePage(files, request));
    await userEvent.click(screen.getByRole('button', { name: 'Try again' }));
    await row(/000998/u);
    expect(screen.queryByText('Some of the rows could not be read.')).toBeNull();
    expect(scroller.scrollTop).toBe(36 * 1000);
  });

  it('says state in words, and nothing where there is nothing to keep', async () => {
    shell.files = [
      fakeFile({ name: '/whole', id: '1' }),
      fakeFile({ name: '/weak', id: '2', health: fakeHealth(12) }),
      fakeFile({ name: '/void', id: '3', size: 0, health: null }),
      fakeFile({ name: '/gone', id: '4', health: fakeHealth(9) }),
    ];
    const { container } = showLibrary();
    expect(within(await row(/whole/u)).getByText('Safe')).toBeDefined();
    expect(within(await row(/weak/u)).getByText('At risk')).toBeDefined();
    const gone = within(await row(/gone/u));
    expect(gone.getByText('Needs you')).toBeDefined();
    expect(gone.getByTitle(/^It cannot be brought back from what can be reached now/u)).toBeDefined();
    expect((await row(/void/u)).textContent).not.toMatch(/Safe|risk/u);
    await expectAccessible(container);
  });

  it('counts the parts of every row, also for who hears it', async () => {
    shell.files = [
      fakeFile({ name: '/weak', id: '2', health: fakeHealth(12) }),
      fakeFile({ name: '/void', id: '3', size: 0, health: null }),
    ];
    const { unmount } = showLibrary();
    expect(within(await row(/weak/u)).getByText('12/30')).toBeDefined();
    expect(screen.getByRole('gridcell', { name: '12 of 30 parts' })).toBeDefined();
    expect(within(await row(/void/u)).getByText('—')).toBeDefined();
    const headings = screen.getAllByRole('columnheader').map(({ textContent }) => textContent);
    expect(headings).toEqual(['Name', 'Size', 'Modified', 'Parts', 'State']);
    unmount();
    showLibrary({ isTrash: true });
    await grid();
    expect(screen.queryByRole('columnheader', { name: 'Parts' })).toBeNull();
  });

  it('asks for no details of what an arrow key passes', async () => {
    const person = userEvent.setup();
    showLibrary();
    (await grid()).focus();
    await row(/000000 report/u);
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'], shouldAdvanceTime: false });
    try {
      for (let press = 0; press < 6; press += 1) {
        fireEvent.keyDown(document.activeElement ?? document.body, { key: 'ArrowDown' });
      }
      await act(async () => vi.advanceTimersByTime(149));
      expect(shell.requests('file_info')).toEqual([{ name: 'folder/documents' }]);
      await act(async () => vi.advanceTimersByTime(2));
    } finally {
      vi.useRealTimers();
    }
    await waitFor(() => expect(shell.requests('file_info')).toHaveLength(2));
    expect(shell.requests('file_info').at(-1)).toEqual({ name: '0000000000000003' });
    await person.keyboard('{Escape}');
  });

  it('sorts by a press on a heading', async () => {
    showLibrary();
    await grid();
    await userEvent.click(screen.getByRole('button', { name: 'Size' }));
    await screen.findByRole('columnheader', { name: 'Size' });
    expect(lastPage()).toMatchObject({ sort: 'size', descending: true, offset: 0 });
    const heading = await screen.findByRole('columnheader', { name: 'Size' });
    expect(heading.getAttribute('aria-sort')).toBe('descending');
  });

  it('searches once the typing rests', async () => {
    showLibrary();
    await grid();
    await userEvent.type(screen.getByLabelText('Search the library'), 'zzz');
    await screen.findByText('No name contains “\u2068zzz\u2069”.');
    expect(lastPage()).toMatchObject({ search: 'zzz' });
    await userEvent.click(screen.getByRole('button', { name: 'Clear the search' }));
    await row(/000000 report/u);
  });

  it('shows only what is in a state, with the paths of where it lies', async () => {
    shell.files = [
      fakeFile({ name: '/photos/weak.jpg', id: '1', health: fakeHealth(12) }),
      fakeFile({ name: '/whole.txt', id: '2' }),
    ];
    const { onState, unmount } = showLibrary();
    await grid();
    await userEvent.selectOptions(screen.getByRole('combobox', { name: 'Show' }), 'At risk or needs you');
    expect(onState).toHaveBeenCalledWith('at_risk');
    unmount();
    const { container } = showLibrary({ state: 'at_risk' });
    await row(/\/photos\/weak\.jpg/u);
    expect(screen.queryByRole('row', { name: /whole/u })).toBeNull();
    expect(lastPage()).toMatchObject({ state: 'at_risk' });
    await expectAccessible(container);
  });

  it('says that nothing is at risk, and leads back to everything', async () => {
    shell.files = [fakeFile({ name: '/whole.txt' })];
    const { onState, container } = showLibrary({ state: 'at_risk' });
    await screen.findByRole('heading', { name: 'Nothing is at risk' });
    await expectAccessible(container);
    await userEvent.click(screen.getByRole('button', { name: 'Show all states' }));
    expect(onState).toHaveBeenCalledWith(undefined);
  });

  it('shows hostile and very long names as what they are', async () => {
    const long = `/${'long '.repeat(2000)}end.pdf`;
    shell.files = [fakeFile({ name: '/photo\u202Egpj.exe', id: '1' }), fakeFile({ name: long, id: '2' })];
    document.documentElement.dir = 'rtl';
    const { container, text } = showLibrary();
    await row(/photo\uFFFDgpj\.exe/u);
    expect(text()).not.toContain('\u202E');
    await userEvent.click(await row(/end\.pdf/u));
    const pane = within(screen.getByRole('complementary', { name: 'Details' }));
    expect((await pane.findByText(long)).textContent).toHaveLength(long.length);
    await expectAccessible(container);
  });
});

const heading = () => screen.getByRole('heading', { level: 1 });

describe('the name of the screen', () => {
  it('is the folder that is shown, beside the way to it', async () => {
    shell.files = [fakeFile({ name: '/photos/2026/alpha' })];
    const { container, onOpenDir } = showLibrary({ dir: '/photos/2026' });
    await row(/alpha/u);
    expect(screen.getByRole('heading', { level: 1, name: '2026' })).toBe(heading());
    const way = within(screen.getByRole('navigation', { name: 'Folders above' }));
    expect(way.getAllByRole('button').map(({ textContent }) => textContent)).toEqual(['Library', 'photos']);
    expect(heading().querySelector('button, nav')).toBeNull();
    await expectAccessible(container);
    await userEvent.click(way.getByRole('button', { name: 'photos' }));
    expect(onOpenDir).toHaveBeenCalledWith('/photos', '2026');
  });

  it('is that of the library at its top, and of the trash in it', async () => {
    const { unmount } = showLibrary();
    await grid();
    expect(screen.getByRole('heading', { level: 1, name: 'Library' })).toBe(heading());
    expect(screen.queryByRole('navigation')).toBeNull();
    unmount();
    showLibrary({ isTrash: true });
    await grid();
    expect(screen.getByRole('heading', { level: 1, name: 'Trash' })).toBe(heading());
  });
});

describe('the keyboard', () => {
  it('moves, chooses a range, opens and removes', async () => {
    const person = userEvent.setup();
    const { onOpenDir } = showLibrary();
    (await grid()).focus();
    await row(/000000 report/u);
    await person.keyboard('{ArrowDown}{Enter}');
    expect(onOpenDir).toHaveBeenCalledWith('/documents');
    await person.keyboard('{ArrowDown}{ArrowDown}{Shift>}{ArrowDown}{/Shift}');
    await screen.findByText('2 items selected');
    const active = (await grid()).getAttribute('aria-activedescendant') ?? '';
    expect(document.getElementById(active)?.textContent).toContain('000001');
    await person.keyboard('{Delete}');
    const sheet = within(await screen.findByRole('alertdialog'));
    await person.click(sheet.getByRole('button', { name: 'Move to trash' }));
    await screen.findByText('2 items moved to the trash.');
    expect(shell.requests('files_remove')).toEqual([{ names: ['0000000000000000', '0000000000000001'] }]);
  });

  it('goes to the folder above, and chooses one by one', async () => {
    const person = userEvent.setup();
    shell.files = ['/photos/2026/alpha', '/photos/2026/beta'].map((name) => fakeFile({ name, id: name }));
    const { onOpenDir } = showLibrary({ dir: '/photos/2026' });
    (await grid()).focus();
    await row(/alpha/u);
    await person.keyboard('{ArrowDown}{ArrowDown} ');
    await screen.findByText('2 items');
    await person.keyboard(' ');
    await screen.findByText('1 item selected');
    await person.keyboard('{Escape}');
    await screen.findByText('2 items');
    await person.keyboard('{Backspace}');
    expect(onOpenDir).toHaveBeenCalledWith('/photos', '2026');
  });

  it('never lets rows that come late undo a later choice', async () => {
    const person = userEvent.setup();
    shell.files = fakeFiles(600);
    showLibrary();
    (await grid()).focus();
    await row(/000000 report/u);
    const late: (() => void)[] = [];
    const { files } = shell;
    shell.on('library_page', async (request: LibraryPageRequest) => {
      await new Promise<void>((resolve) => late.push(resolve));
      return fakePage(files, request);
    });
    await person.keyboard('{ArrowDown}{Control>}a{/Control}');
    await waitFor(() => expect(late.length).toBeGreaterThan(0));
    await person.keyboard('{ArrowDown}');
    await screen.findByText('1 item selected');
    await act(async () => late.forEach((answer) => answer()));
    expect(screen.getByText('1 item selected')).toBeDefined();
  });

  it('says why rows that shall be chosen cannot be fetched', async () => {
    const person = userEvent.setup();
    shell.files = fakeFiles(600);
    showLibrary();
    (await grid()).focus();
    await row(/000000 report/u);
    shell.on('library_page', (request: LibraryPageRequest) => {
      if (request.offset === 0) {
        return fakePage(shell.files, request);
      }
      throw fakeError('database_unusable', 'The disk was removed.');
    });
    await person.keyboard('{Control>}a{/Control}');
    await screen.findByText('The disk was removed.');
    await person.click(screen.getByRole('button', { name: 'Close' }));
    expect(screen.queryByText('The disk was removed.')).toBeNull();
  });

  it('chooses all rows, also those never drawn, up to a bound that it names', async () => {
    const person = userEvent.setup();
    shell.files = fakeFiles(600);
    const { unmount } = showLibrary();
    (await grid()).focus();
    await person.keyboard('{Control>}a{/Control}');
    await screen.findByText('602 items selected');
    unmount();
    shell.files = fakeFiles(6000);
    showLibrary();
    (await grid()).focus();
    await person.keyboard('{Control>}a{/Control}');
    await screen.findByText('At most 5,000 items can be selected at once.');
  });

  it('forgets what was chosen when other rows come', async () => {
    showLibrary();
    await userEvent.click(await row(/000000 report/u));
    await screen.findByText('1 item selected');
    await userEvent.click(screen.getByRole('button', { name: 'Size' }));
    await screen.findByText('42 items');
  });
});
