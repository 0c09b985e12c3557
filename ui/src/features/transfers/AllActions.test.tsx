import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it } from 'vitest';

import { expectAccessible } from '../../testing/accessibility';
import { shellForTests } from '../../testing/shellForTests';
import { showTransfers } from './showTransfers';

const shell = shellForTests();

describe('all transfers', () => {
  it('are paused for a while or until the person resumes', async () => {
    await showTransfers();
    for (const span of ['30 minutes', '2 hours', 'until I resume']) {
      // eslint-disable-next-line no-await-in-loop -- one press after the other, as a person does
      await userEvent.click(screen.getByRole('button', { name: 'Pause all for…' }));
      // eslint-disable-next-line no-await-in-loop -- as above
      const item = await screen.findByRole('menuitem', { name: span });
      // eslint-disable-next-line no-await-in-loop -- as above
      await expectAccessible(document.body);
      // eslint-disable-next-line no-await-in-loop -- as above
      await userEvent.click(item);
    }
    await waitFor(() => expect(shell.requests('transfer_pause')).toEqual([{}]));
    expect(shell.requests('transfers_pause_for')).toEqual([{ minutes: 30 }, { minutes: 120 }]);
  });

  it('are retried all at once, and cleared when they have ended', async () => {
    await showTransfers();
    await userEvent.click(screen.getByRole('button', { name: 'Retry all' }));
    await userEvent.click(screen.getByRole('button', { name: 'Clear finished' }));
    await waitFor(() => expect(shell.requests('transfers_clear')).toHaveLength(1));
    expect(shell.requests('transfer_retry')).toEqual([{}]);
  });

  it('are all cancelled only after it was said what is kept', async () => {
    await showTransfers();
    await userEvent.click(screen.getByRole('button', { name: 'Cancel all…' }));
    const title = 'Cancel all 5 transfers that have not ended?';
    const sheet = within(await screen.findByRole('alertdialog', { name: title }));
    await expectAccessible(document.body);
    await userEvent.click(sheet.getByRole('button', { name: 'Keep them' }));
    expect(shell.requests('transfer_cancel')).toHaveLength(0);
    await userEvent.click(screen.getByRole('button', { name: 'Cancel all…' }));
    await userEvent.click(await screen.findByRole('button', { name: 'Cancel all' }));
    await waitFor(() => expect(shell.requests('transfer_cancel')).toEqual([{}]));
  });
});
