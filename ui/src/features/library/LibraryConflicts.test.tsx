import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it } from 'vitest';

import { expectAccessible } from '../../testing/accessibility';
import { fakeError } from '../../testing/fakeShell';
import { shellForTests } from '../../testing/shellForTests';
import { grid, row, showLibrary } from './showLibrary';

const shell = shellForTests();

const ALWAYS = /Put right what is in the way, then try again/u;

/** Lets a command find something where it would put its own. */
function inTheWayOf(command: string): void {
  shell.on(command, () => {
    throw fakeError('conflict', '"/plan.odt" exists already.', 'after_user_action');
  });
}

const press = (name: string) => userEvent.click(screen.getByRole('button', { name }));

/** The error says what happened, and what to do about it here instead of what may always be said. */
async function expectNext(words: RegExp) {
  const notice = within(await screen.findByRole('alert'));
  expect(notice.getByText('"/plan.odt" exists already.')).toBeDefined();
  expect(notice.getByText(words)).toBeDefined();
  expect(notice.queryByText(ALWAYS)).toBeNull();
  await expectAccessible(document.body);
}

describe('what is in the way', () => {
  it('of a new name is met with another name', async () => {
    inTheWayOf('file_rename');
    showLibrary();
    await userEvent.click(await row(/000000 report/u));
    await press('Rename…');
    await userEvent.type(await screen.findByLabelText('New name'), '2{Enter}');
    await expectNext(/^Nothing was renamed\. Choose another name/u);
  });

  it('of something from the trash is moved in the library, and the same tried again', async () => {
    inTheWayOf('file_restore');
    showLibrary({ isTrash: true });
    await userEvent.click(await row(/plan\.odt/u));
    await press('Restore');
    await expectNext(/still in the trash\. In the library, rename or remove what is in its place/u);
    shell.on('file_restore', ({ name }: { name: string }) => ({ name }));
    await press('Try again');
    await waitFor(() => expect(screen.queryByRole('alert')).toBeNull());
  });

  it('of an import is renamed once the sheet is closed', async () => {
    inTheWayOf('import_confirm');
    showLibrary();
    await grid();
    await press('Import…');
    const sheet = within(await screen.findByRole('dialog', { name: 'Import into the library?' }));
    await userEvent.click(sheet.getByRole('button', { name: 'Import' }));
    await expectNext(/^Nothing was imported\. Close this and, .* rename that; then choose or open/u);
    expect(sheet.getByRole<HTMLButtonElement>('button', { name: 'Import' }).disabled).toBe(true);
  });

  it('of a download asks for another place', async () => {
    inTheWayOf('download_start');
    showLibrary();
    await userEvent.click(await row(/000000 report/u));
    await press('Download…');
    await expectNext(/under another name or into another folder/u);
  });

  it('of a manifest asks for another name, for one item and for everything', async () => {
    inTheWayOf('export_manifest');
    showLibrary();
    await userEvent.click(await row(/000000 report/u));
    await press('Export…');
    await screen.findByRole('dialog', { name: 'Export a manifest' });
    await press('Choose where to save…');
    await expectNext(/^Nothing was replaced\. Save it under another name/u);
    await press('Cancel');
    await press('Export all…');
    await screen.findByRole('dialog', { name: 'Export the whole library' });
    await press('Choose where to save…');
    await expectNext(/^Nothing was replaced\. Save it under another name/u);
  });

  it('is no matter where something else has failed', async () => {
    shell.on('file_rename', () => {
      throw fakeError('disk_full', 'The disk is full.', 'after_user_action');
    });
    showLibrary();
    await userEvent.click(await row(/000000 report/u));
    await press('Rename…');
    await userEvent.type(await screen.findByLabelText('New name'), '2{Enter}');
    await screen.findByText(/^Nothing was overwritten\. Free some space/u);
    expect(screen.queryByText(/Choose another name/u)).toBeNull();
  });
});
