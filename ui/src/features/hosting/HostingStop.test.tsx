import { screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it } from 'vitest';

import { expectAccessible } from '../../testing/accessibility';
import { fakeHost } from '../../testing/fakeReports';
import { fakeError } from '../../testing/fakeShell';
import { shellForTests } from '../../testing/shellForTests';
import { showHosting } from './showHosting';

const shell = shellForTests();

describe('switching off', () => {
  it('says what becomes of what lies here, waits for a yes, and then offers to lend again', async () => {
    showHosting();
    await userEvent.click(await screen.findByRole('button', { name: 'Stop lending…' }));
    const sheet = within(await screen.findByRole('alertdialog', { name: 'Stop lending space?' }));
    expect(sheet.getByText(/takes no new data/u)).toBeDefined();
    expect(sheet.getByText(/120 GB, is served on until its owners take it away/u)).toBeDefined();
    expect(sheet.getByText(/^Nothing is deleted\./u)).toBeDefined();
    await expectAccessible(document.body);
    expect(shell.requests('hosting_set')).toHaveLength(0);
    await userEvent.click(sheet.getByRole('button', { name: 'Stop lending' }));
    await screen.findByText(/^No space is lent to others\. What lies here is served on/u);
    expect(screen.queryByRole('alertdialog')).toBeNull();
    expect(shell.requests('hosting_set')).toEqual([{ quota_bytes: 0 }]);
    expect(screen.queryByRole('button', { name: 'Stop lending…' })).toBeNull();
    await userEvent.type(screen.getByLabelText('Space to lend, in GB'), '50');
    await userEvent.click(screen.getByRole('button', { name: 'Lend space' }));
    await screen.findByRole('button', { name: 'Stop lending…' });
  });

  it.each([
    [0, 0, 'Nothing of others lies here.'],
    [0, 4e9, /^For others 4 GB are reserved/u],
  ])('is of nothing only where nothing is used or reserved: %d and %d', async (used, reserved, words) => {
    shell.host = fakeHost({ used_bytes: used, reserved_bytes: reserved });
    showHosting();
    await userEvent.click(await screen.findByRole('button', { name: 'Stop lending…' }));
    const sheet = within(screen.getByRole('alertdialog'));
    expect(sheet.getByText(words)).toBeDefined();
    expect(sheet.queryAllByText('Nothing of others lies here.')).toHaveLength(reserved === 0 ? 1 : 0);
  });

  it('changes nothing without a yes, and says why it did not work', async () => {
    shell.on('hosting_set', () => {
      throw fakeError('local_file', 'config.toml cannot be written.', 'after_user_action');
    });
    showHosting();
    await userEvent.click(await screen.findByRole('button', { name: 'Stop lending…' }));
    await userEvent.click(screen.getByRole('button', { name: 'Go on lending' }));
    expect(shell.requests('hosting_set')).toHaveLength(0);
    await userEvent.click(await screen.findByRole('button', { name: 'Stop lending…' }));
    await userEvent.click(screen.getByRole('button', { name: 'Stop lending' }));
    await within(screen.getByRole('alertdialog')).findByText('config.toml cannot be written.');
  });

  it('is no pause, even where a pause came before it', async () => {
    shell.host = fakeHost({ hosting: false, paused: true, offer: null, quota_bytes: 0, used_bytes: 0 });
    showHosting();
    await screen.findByText('No space is lent to others.');
    expect(screen.queryByText('Paused')).toBeNull();
    expect(screen.queryByRole('button', { name: 'Resume hosting' })).toBeNull();
  });
});
