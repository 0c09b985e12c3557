import { act, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it } from 'vitest';

import { expectAccessible } from '../../testing/accessibility';
import { fakeFile, fakeFiles } from '../../testing/fakeLibrary';
import { fakeError } from '../../testing/fakeShell';
import { shellForTests } from '../../testing/shellForTests';
import { grid, row, showLibrary } from './showLibrary';

const shell = shellForTests();

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
    expect(shell.requests('file_rename')).toEqual([{ name: '0000000000000000', new_name: 'letter.txt' }]);
    await expectAccessible(document.body);
  });

  it('leads by the button, too, to the name that cannot be taken', async () => {
    showLibrary();
    await userEvent.click(await row(/000000 report/u));
    await userEvent.click(screen.getByRole('button', { name: 'Rename…' }));
    const sheet = within(await screen.findByRole('dialog', { name: 'Rename' }));
    await userEvent.clear(sheet.getByLabelText('New name'));
    await userEvent.click(sheet.getByRole('button', { name: 'Rename' }));
    await waitFor(() => expect(document.activeElement).toBe(sheet.getByLabelText('New name')));
    await userEvent.keyboard('letter.txt');
    await userEvent.click(sheet.getByRole('button', { name: 'Rename' }));
    await waitFor(() => expect(shell.requests('file_rename')).toHaveLength(1));
    expect(shell.requests('file_rename')).toEqual([{ name: '0000000000000000', new_name: 'letter.txt' }]);
  });

  it('downloads, and leads to the transfers', async () => {
    const { onTransfers } = showLibrary();
    await userEvent.click(await row(/000000 report/u));
    await userEvent.click(screen.getByRole('button', { name: 'Download…' }));
    await screen.findByText('The download is in Transfers.');
    await userEvent.click(screen.getByRole('button', { name: 'Show transfers' }));
    expect(shell.requests('download_start')).toEqual([{ names: ['0000000000000000'] }]);
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

  it('offers no download of more than the shell takes, and says so', async () => {
    const person = userEvent.setup();
    shell.files = fakeFiles(600);
    const { container } = showLibrary();
    (await grid()).focus();
    await person.keyboard('{Control>}a{/Control}');
    await screen.findByText(/To download, choose at most 500, or their folder\./u);
    expect(screen.getByRole<HTMLButtonElement>('button', { name: 'Download…' }).disabled).toBe(true);
    expect(screen.getByRole<HTMLButtonElement>('button', { name: 'Remove…' }).disabled).toBe(false);
    await expectAccessible(container);
  });

  it('shows and hides the details by a button that says which', async () => {
    showLibrary();
    await grid();
    const button = screen.getByRole('button', { name: 'Details' });
    expect(button.getAttribute('aria-pressed')).toBe('true');
    await userEvent.click(button);
    expect(button.getAttribute('aria-pressed')).toBe('false');
    expect(screen.queryByRole('complementary', { name: 'Details' })).toBeNull();
  });

  it('renames once, however often Enter is pressed', async () => {
    shell.on('file_rename', () => new Promise(() => undefined));
    showLibrary();
    await userEvent.click(await row(/000000 report/u));
    await userEvent.click(screen.getByRole('button', { name: 'Rename…' }));
    await userEvent.type(await screen.findByLabelText('New name'), 'x{Enter}{Enter}');
    await waitFor(() => expect(shell.requests('file_rename')).toHaveLength(1));
  });

  it('counts what was restored', async () => {
    const person = userEvent.setup();
    shell.trash = ['1', '2'].map((id) =>
      fakeFile({ name: '/plan.odt', id, deleted: '2026-11-19T09:00:00Z' }),
    );
    showLibrary({ isTrash: true });
    (await grid()).focus();
    await screen.findAllByRole('row', { name: /plan\.odt/u });
    await person.keyboard('{Control>}a{/Control}');
    await person.click(await screen.findByRole('button', { name: 'Restore' }));
    await screen.findByText('2 items restored.');
  });

  it('exports for its own devices unless told otherwise', async () => {
    showLibrary();
    await userEvent.click(await row(/000000 report/u));
    await userEvent.click(screen.getByRole('button', { name: 'Export…' }));
    await screen.findByRole('dialog', { name: 'Export a manifest' });
    await expectAccessible(document.body);
    await userEvent.click(screen.getByRole('button', { name: 'Choose where to save…' }));
    await screen.findByText('The manifest was written to \u2068/home/ada/report.layr\u2069.');
    expect(shell.requests('export_manifest')).toEqual([{ name: '0000000000000000', private: true }]);
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
    // The answer names the first of them only.
    await screen.findByText('40 items imported.');
    expect(shell.requests('import_confirm')).toEqual([{ token: 'imp-1' }]);
  });

  it('lets go of what was previewed without a yes, and keeps nothing to let go of after one', async () => {
    showLibrary();
    await grid();
    await userEvent.click(screen.getByRole('button', { name: 'Import…' }));
    const sheet = within(await screen.findByRole('dialog', { name: 'Import into the library?' }));
    await userEvent.click(sheet.getByRole('button', { name: 'Cancel' }));
    expect(shell.requests('selection_drop')).toEqual([{ selection: 'imp-1' }]);
    await userEvent.click(screen.getByRole('button', { name: 'Import…' }));
    await screen.findByRole('dialog', { name: 'Import into the library?' });
    await userEvent.click(screen.getByRole('button', { name: 'Import' }));
    await screen.findByText('40 items imported.');
    expect(shell.requests('selection_drop')).toHaveLength(1);
  });

  it('imports once, however often its button is pressed', async () => {
    shell.on('import_confirm', () => new Promise(() => undefined));
    showLibrary();
    await grid();
    await userEvent.click(screen.getByRole('button', { name: 'Import…' }));
    const sheet = within(await screen.findByRole('dialog', { name: 'Import into the library?' }));
    const button = sheet.getByRole('button', { name: 'Import' });
    // Both before the page is drawn anew.
    await act(async () => {
      button.click();
      button.click();
    });
    expect(shell.requests('import_confirm')).toHaveLength(1);
  });

  it('says that what is removed is deleted for good in the end, and what stops working then', async () => {
    const { unmount } = showLibrary();
    await userEvent.click(await row(/000000 report/u));
    await userEvent.click(screen.getByRole('button', { name: 'Remove…' }));
    const sheet = within(await screen.findByRole('alertdialog'));
    expect(sheet.getByText(/links and exported \.layr files then stop working too/u)).toBeDefined();
    await userEvent.keyboard('{Escape}');
    await userEvent.click(screen.getByRole('button', { name: 'Export…' }));
    await screen.findByText(/It stops working once the item is deleted for good: 30 days after its removal/u);
    unmount();
    showLibrary({ isTrash: true });
    await row(/plan\.odt/u);
    expect(screen.getByText(/^Kept for 30 days after removal, then deleted for good\./u)).toBeDefined();
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
