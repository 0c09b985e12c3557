import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it } from 'vitest';

import { expectAccessible } from '../../testing/accessibility';
import { fakeError } from '../../testing/fakeShell';
import { shellForTests } from '../../testing/shellForTests';
import { grid, showLibrary } from './showLibrary';

const shell = shellForTests();

const choosePlace = { name: 'Choose where to save…' };

async function openSheet() {
  await grid();
  await userEvent.click(screen.getByRole('button', { name: 'Export all…' }));
  return within(await screen.findByRole('dialog', { name: 'Export the whole library' }));
}

describe('the export of everything', () => {
  it('is for its owner only, and says what it is good for and that it grows old', async () => {
    showLibrary();
    const sheet = await openSheet();
    expect(sheet.getByText(/Together with your 24 words/u)).toBeDefined();
    expect(sheet.getByText(/It does not change by itself/u)).toBeDefined();
    await expectAccessible(document.body);
    await userEvent.click(sheet.getByRole('button', choosePlace));
    await screen.findByText('The library was written to \u2068/home/ada/report.layr\u2069.');
    expect(shell.requests('export_manifest')).toEqual([{ name: '/', private: true }]);
    expect(screen.queryByRole('dialog')).toBeNull();
  });

  it('claims nothing when no place was chosen or it failed', async () => {
    shell.on('export_manifest', () => null);
    showLibrary();
    const sheet = await openSheet();
    await userEvent.click(sheet.getByRole('button', choosePlace));
    await waitFor(() => expect(shell.requests('export_manifest')).toHaveLength(1));
    shell.on('export_manifest', () => {
      throw fakeError('disk_full', 'The disk is full.', 'after_user_action');
    });
    await userEvent.click(await sheet.findByRole('button', choosePlace));
    await sheet.findByText('The disk is full.');
    expect(screen.queryByText(/was written to/u)).toBeNull();
  });
});
