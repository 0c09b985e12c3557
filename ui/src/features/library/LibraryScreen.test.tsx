import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it, vi } from 'vitest';

import type { LibraryPageRequest } from '../../ipc/bindings';
import { expectAccessible } from '../../testing/accessibility';
import { fakeFile, fakeFiles } from '../../testing/fakeLibrary';
import { fakeError } from '../../testing/fakeShell';
import { show } from '../../testing/show';
import { shellForTests } from '../../testing/shellForTests';
import { WindowNotes } from '../../app/WindowNotes';
import { ImportProvider } from './ImportProvider';
import { LibraryScreen, type LibraryScreenProps } from './LibraryScreen';
import { UploadProvider } from './UploadProvider';

const shell = shellForTests();

function showLibrary(props: Partial<LibraryScreenProps> = {}) {
  const heard = {
    onOpenDir: vi.fn<(dir: string) => void>(),
    onTrash: vi.fn<(isTrash: boolean) => void>(),
    onTransfers: vi.fn<() => void>(),
  };
  const page = show(
    <main>
      <UploadProvider destination={props.dir ?? ''}>
        <ImportProvider>
          <WindowNotes onTransfers={heard.onTransfers} />
          <LibraryScreen dir="" isTrash={false} {...heard} {...props} />
        </ImportProvider>
      </UploadProvider>
    </main>,
  );
  return { ...page, ...heard };
}

const grid = () => screen.findByRole('grid');
const row = (name: RegExp) => screen.findByRole('row', { name });
const lastPage = () => shell.requests('library_page').at(-1) as LibraryPageRequest;

describe('the table', () => {
  it('shows 100 000 rows through small windows and draws only what is visible', async () => {
    shell.files = fakeFiles(99_998);
    showLibrary();
    expect((await grid()).getAttribute('aria-rowcount')).toBe('100001');
    await row(/000000 report\.pdf/u);
    expect(screen.getAllByRole('row').length).toBeLessThan(60);
    for (const request of shell.requests('library_page') as LibraryPageRequest[]) {
      expect(request.limit).toBeLessThanOrEqual(500);
    }
  });

  it('says state in words, and nothing where there is nothing to keep', async () => {
    shell.files = [
      fakeFile({ name: '/whole', id: '1' }),
      fakeFile({ name: '/weak', id: '2', health: { alive: 12, needed: 10, total: 30 } }),
      fakeFile({ name: '/void', id: '3', size: 0, health: null }),
    ];
    const { container } = showLibrary();
    expect(within(await row(/whole/u)).getByText('Safe')).toBeDefined();
    expect(within(await row(/weak/u)).getByText('At risk')).toBeDefined();
    expect((await row(/void/u)).textContent).not.toMatch(/Safe|risk/u);
    await expectAccessible(container);
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
    await screen.findByText('No name contains “zzz”.');
    expect(lastPage()).toMatchObject({ search: 'zzz' });
    await userEvent.click(screen.getByRole('button', { name: 'Clear the search' }));
    await row(/000000 report/u);
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
    expect(shell.requests('files_remove')).toEqual([
      { names: ['/000000 report.pdf', '/000001 holiday.jpg'] },
    ]);
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

describe('what can be done', () => {
  it('renames, and shows why it did not work', async () => {
    shell.on('file_rename', () => {
      throw fakeError('conflict', 'There is a file of that name.', 'after_user_action');
    });
    showLibrary();
    await userEvent.click(await row(/000000 report/u));
    await userEvent.click(screen.getByRole('button', { name: 'Rename…' }));
    const sheet = within(await screen.findByRole('dialog', { name: 'Rename' }));
    const field = sheet.getByLabelText('New name');
    await userEvent.clear(field);
    await userEvent.type(field, 'a/b');
    await sheet.findByText('A name cannot contain “/”.');
    await userEvent.clear(field);
    await userEvent.type(field, 'letter.txt{Enter}');
    await sheet.findByText('There is a file of that name.');
    expect(shell.requests('file_rename')).toEqual([{ from: '/000000 report.pdf', to: '/letter.txt' }]);
    await expectAccessible(document.body);
  });

  it('downloads, and leads to the transfers', async () => {
    const { onTransfers } = showLibrary();
    await userEvent.click(await row(/000000 report/u));
    await userEvent.click(screen.getByRole('button', { name: 'Download…' }));
    await screen.findByText('The download is in Transfers.');
    await userEvent.click(screen.getByRole('button', { name: 'Show transfers' }));
    expect(onTransfers).toHaveBeenCalledTimes(1);
  });

  it('says nothing when a dialog of the system was dismissed', async () => {
    shell.on('download_start', () => null);
    showLibrary();
    await userEvent.click(await row(/000000 report/u));
    await userEvent.click(screen.getByRole('button', { name: 'Download…' }));
    await waitFor(() => expect(shell.requests('download_start')).toHaveLength(1));
    expect(screen.queryByText('The download is in Transfers.')).toBeNull();
  });

  it('exports for its own devices unless told otherwise', async () => {
    showLibrary();
    await userEvent.click(await row(/000000 report/u));
    await userEvent.click(screen.getByRole('button', { name: 'Export…' }));
    await screen.findByRole('dialog', { name: 'Export a manifest' });
    await expectAccessible(document.body);
    await userEvent.click(screen.getByRole('button', { name: 'Choose where to save…' }));
    await screen.findByText('The manifest was written to /home/ada/report.layr.');
    expect(shell.requests('export_manifest')).toEqual([{ name: '/000000 report.pdf', private: true }]);
  });

  it('imports only after a yes', async () => {
    showLibrary();
    await grid();
    await userEvent.click(screen.getByRole('button', { name: 'Import…' }));
    const sheet = within(await screen.findByRole('dialog', { name: 'Import into the library?' }));
    expect(sheet.getByText('/shared/plan.odt')).toBeDefined();
    expect(sheet.getByText('and 39 more')).toBeDefined();
    expect(shell.requests('import_confirm')).toHaveLength(0);
    await userEvent.click(sheet.getByRole('button', { name: 'Import' }));
    await screen.findByText('1 item imported.');
    expect(shell.requests('import_confirm')).toEqual([{ token: 'imp-1' }]);
  });

  it('restores from the trash by id, as names repeat there', async () => {
    const { container } = showLibrary({ isTrash: true });
    await userEvent.click(await row(/plan\.odt/u));
    await expectAccessible(container);
    await userEvent.click(screen.getByRole('button', { name: 'Restore' }));
    await waitFor(() => expect(shell.requests('file_restore')).toEqual([{ name: '00000000000000aa' }]));
    expect(screen.queryByRole('button', { name: 'Remove…' })).toBeNull();
  });
});

describe('without rows', () => {
  it('teaches what to do', async () => {
    shell.files = [];
    const { container } = showLibrary();
    await screen.findByRole('heading', { name: 'Nothing is stored yet' });
    await expectAccessible(container);
  });

  it('names an empty folder and an empty trash', async () => {
    shell.trash = [];
    const { unmount } = showLibrary({ dir: '/photos' });
    await screen.findByRole('heading', { name: 'This folder is empty' });
    unmount();
    showLibrary({ isTrash: true });
    await screen.findByRole('heading', { name: 'The trash is empty' });
  });

  it('says what went wrong and tries again', async () => {
    let isBroken = true;
    shell.on('library_page', () => {
      if (isBroken) {
        throw fakeError('database_unusable', 'library.sqlite is damaged');
      }
      return { total: 1, rows: [fakeFile({ name: '/back' })] };
    });
    const { container } = showLibrary();
    await screen.findByText('library.sqlite is damaged');
    await expectAccessible(container);
    isBroken = false;
    await userEvent.click(screen.getByRole('button', { name: 'Try again' }));
    await row(/back/u);
  });
});
