import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it } from 'vitest';

import { type CommandDoors, commandsOf } from '../../app/commands';
import type { TransfersReport } from '../../ipc/bindings';
import { expectAccessible } from '../../testing/accessibility';
import { fakeTransfer } from '../../testing/fakeReports';
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

  it('are offered only what would do something, by the buttons and by the commands', async () => {
    shell.transfers = {
      paused_all: false,
      transfers: [
        fakeTransfer({ id: 1, state: 'paused' }),
        // It is still being undone.
        fakeTransfer({ id: 2, state: 'cancelled', finished: null }),
      ],
    };
    await showTransfers();
    expect(screen.getByRole('button', { name: 'Cancel all…' })).toBeDefined();
    for (const name of ['Pause all for…', 'Clear finished', 'Retry all', 'Resume all']) {
      expect(screen.queryByRole('button', { name })).toBeNull();
    }
    const doors = {} as CommandDoors;
    const offered = (report: TransfersReport) =>
      commandsOf(report, doors, { isSingleKeyOn: true, canLock: false }).filter(({ id }) =>
        /^(?:pause-|resume|retry|clear)/u.test(id),
      );
    expect(offered(shell.transfers)).toEqual([]);
    const ended = fakeTransfer({ state: 'cancelled', finished: '2026-11-22T12:00:00Z' });
    const report = { paused_all: false, transfers: [ended, fakeTransfer({ state: 'waiting' })] };
    expect(offered(report).map(({ id }) => id)).toEqual(['pause-half', 'pause-two', 'pause-open', 'clear']);
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
