import { act, cleanup, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { useLiveTransfers } from '../../ipc/liveTransfers';
import { expectAccessible } from '../../testing/accessibility';
import { fakeTransfer } from '../../testing/fakeReports';
import { fakeError, FakeShell } from '../../testing/fakeShell';
import { show } from '../../testing/show';
import { TransfersScreen } from './TransfersScreen';

let shell: FakeShell;

beforeEach(() => {
  shell = new FakeShell().install();
});

afterEach(() => {
  cleanup();
  shell.remove();
  useLiveTransfers.setState({ report: null, error: null });
  document.documentElement.dir = 'ltr';
});

async function showTransfers() {
  const page = show(
    <main>
      <TransfersScreen />
    </main>,
  );
  await act(() => useLiveTransfers.getState().refresh());
  return page;
}

describe('the transfers', () => {
  it('stand with state, stage, figures and the reason of every wait', async () => {
    const { container, text } = await showTransfers();
    for (const said of [
      'Sending to hosts',
      'about 5 minutes left',
      'Another upload is running.',
      'You paused it.',
      'Layr tries again by itself.',
      '230 items were left out',
      'and 229 more',
      'Finished',
      'Cancelled',
    ]) {
      expect(text()).toContain(said);
    }
    expect(text()).not.toContain('Safe');
    await expectAccessible(container);
  });

  it('are paused, resumed and retried one by one', async () => {
    await showTransfers();
    await userEvent.click(screen.getByRole('button', { name: 'Pause: photos 2026' }));
    await userEvent.click(screen.getByRole('button', { name: 'Resume: videos' }));
    await userEvent.click(screen.getByRole('button', { name: 'Retry: backup.tar' }));
    await waitFor(() => expect(shell.requests('transfer_retry')).toEqual([{ id: 5 }]));
    expect(shell.requests('transfer_pause')).toEqual([{ id: 1 }]);
    expect(shell.requests('transfer_resume')).toEqual([{ id: 4 }]);
  });

  it('are paused and retried all at once, and cleared when they have ended', async () => {
    await showTransfers();
    await userEvent.click(screen.getByRole('button', { name: 'Pause all' }));
    await userEvent.click(screen.getByRole('button', { name: 'Retry all' }));
    await userEvent.click(screen.getByRole('button', { name: 'Clear finished' }));
    await waitFor(() => expect(shell.requests('transfers_clear')).toHaveLength(1));
    expect(shell.requests('transfer_pause')).toEqual([{}]);
    expect(shell.requests('transfer_retry')).toEqual([{}]);
  });

  it('are cancelled only after it was said what is kept', async () => {
    await showTransfers();
    await userEvent.click(screen.getByRole('button', { name: 'Cancel: photos 2026' }));
    const sheet = within(await screen.findByRole('alertdialog', { name: 'Cancel “photos 2026”?' }));
    await expectAccessible(document.body);
    expect(shell.requests('transfer_cancel')).toHaveLength(0);
    await userEvent.click(sheet.getByRole('button', { name: 'Cancel the transfer' }));
    await waitFor(() => expect(shell.requests('transfer_cancel')).toEqual([{ id: 1 }]));
  });

  it('say that all is paused, and how to go on', async () => {
    shell.transfers = { ...shell.transfers, paused_all: true };
    await showTransfers();
    expect(screen.getByText(/All transfers are paused by you/u)).toBeDefined();
    await userEvent.click(screen.getByRole('button', { name: 'Resume all' }));
    await waitFor(() => expect(shell.requests('transfer_resume')).toEqual([{}]));
  });

  it('show why a press did nothing', async () => {
    shell.on('transfer_pause', () => {
      throw fakeError('no_node', 'The node has stopped.', 'after_user_action');
    });
    await showTransfers();
    await userEvent.click(screen.getByRole('button', { name: 'Pause all' }));
    await screen.findByText('The node has stopped.');
  });

  it('keep hostile and long names in their line, from right to left as well', async () => {
    document.documentElement.dir = 'rtl';
    const name = `${'long '.repeat(2000)}\u202Egpj.exe`;
    shell.transfers = { paused_all: false, transfers: [fakeTransfer({ name, current: name })] };
    const { container, text } = await showTransfers();
    expect(text()).not.toContain('\u202E');
    expect(text().length).toBeLessThan(1000);
    await expectAccessible(container);
  });

  it('teach what appears here while there is nothing', async () => {
    shell.transfers = { paused_all: false, transfers: [] };
    const { container } = await showTransfers();
    expect(screen.getByRole('heading', { name: 'Nothing moves' })).toBeDefined();
    expect(screen.queryByRole('button')).toBeNull();
    await expectAccessible(container);
  });

  it('say so when the shell does not answer', async () => {
    shell.on('transfers', () => {
      throw fakeError('no_node', 'The node has stopped.');
    });
    await showTransfers();
    expect(screen.getByRole('alert').textContent).toContain('The node has stopped.');
    expect(screen.getByRole('button', { name: 'Try again' })).toBeDefined();
  });
});
