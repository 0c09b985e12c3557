import { defaultParseSearch as parseSearch } from '@tanstack/react-router';
import { act, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it, vi } from 'vitest';

import { useLiveTransfers } from '../../ipc/liveTransfers';
import { expectAccessible } from '../../testing/accessibility';
import { fakeTransfer } from '../../testing/fakeReports';
import { fakeError } from '../../testing/fakeShell';
import { shellForTests } from '../../testing/shellForTests';
import { showTransfers } from './showTransfers';

const shell = shellForTests();

const row = (index: number) => screen.getAllByRole('listitem')[index]?.textContent;
const spoken = () => screen.getAllByRole('status').map((status) => status.textContent);

describe('the transfers', () => {
  it('stand with state, stage, figures and the reason of every wait', async () => {
    const { container, text } = await showTransfers();
    for (const said of [
      'Sending to hosts',
      '4.2 MB/s',
      'Another upload is running.',
      'You paused it.',
      'Layr tries again by itself',
      '230 items were left out',
      'and 229 more',
      'Finished',
      'Cancelled',
    ]) {
      expect(text()).toContain(said);
    }
    expect(text()).not.toContain('Safe');
    // A remaining time needs ten seconds of a calm rate.
    expect(text()).not.toContain('minutes left');
    await expectAccessible(container);
  });

  it('say the remaining time once it can be believed', async () => {
    const { text } = await showTransfers();
    vi.useFakeTimers({ toFake: ['Date'] });
    try {
      const startMs = Date.now();
      for (const second of [1, 6, 11]) {
        vi.setSystemTime(startMs + second * 1000);
        act(() => useLiveTransfers.getState().set(shell.transfers));
      }
      expect(text()).toContain('about 5 minutes left');
    } finally {
      vi.useRealTimers();
    }
  });

  it('say until when they are paused', async () => {
    const [transfer] = shell.transfers.transfers;
    shell.transfers = {
      paused_all: true,
      paused_until: '2099-01-01T12:00:00Z',
      transfers:
        transfer === undefined
          ? []
          : [{ ...transfer, state: 'paused', paused_with_all: true, reason: 'All are paused.' }],
    };
    const { container } = await showTransfers();
    expect(screen.getAllByText(/Paused by you until .*2099/u)).toHaveLength(2);
    await expectAccessible(container);
  });

  it('show a finished download in its folder', async () => {
    shell.transfers = {
      paused_all: false,
      transfers: [fakeTransfer({ id: 8, kind: 'download', name: 'thesis.pdf', state: 'done' })],
    };
    await showTransfers();
    await userEvent.click(screen.getByRole('button', { name: 'Show in folder: thesis.pdf' }));
    await waitFor(() => expect(shell.requests('transfer_reveal')).toEqual([{ id: 8 }]));
  });

  it('read one summary out, and the next half a minute later', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    try {
      await showTransfers();
      const first = '2 under way, 3 waiting or paused, 0 failed';
      expect(spoken()).toContain(first);
      act(() => useLiveTransfers.getState().set({ paused_all: false, transfers: [fakeTransfer({})] }));
      act(() => vi.advanceTimersByTime(29_000));
      expect(spoken()).toContain(first);
      act(() => vi.advanceTimersByTime(1000));
      expect(spoken()).toContain('1 under way, 0 waiting or paused, 0 failed');
    } finally {
      vi.useRealTimers();
    }
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

  it('are cancelled only after it was said what is kept', async () => {
    await showTransfers();
    await userEvent.click(screen.getByRole('button', { name: 'Cancel: photos 2026' }));
    const sheet = within(
      await screen.findByRole('alertdialog', { name: 'Cancel “\u2068photos 2026\u2069”?' }),
    );
    await expectAccessible(document.body);
    expect(shell.requests('transfer_cancel')).toHaveLength(0);
    await userEvent.click(sheet.getByRole('button', { name: 'Cancel the transfer' }));
    await waitFor(() => expect(shell.requests('transfer_cancel')).toEqual([{ id: 1 }]));
  });

  it('say that all is paused, and how to go on', async () => {
    const held = { state: 'paused', paused_with_all: true } as const;
    shell.transfers = { paused_all: true, transfers: [fakeTransfer(held)] };
    await showTransfers();
    expect(screen.getAllByText(/Paused by you until you resume/u)).toHaveLength(2);
    expect(screen.getByText(/Nothing moves, and nothing is lost\.$/u)).toBeDefined();
    await userEvent.click(screen.getByRole('button', { name: 'Resume all' }));
    await waitFor(() => expect(shell.requests('transfer_resume')).toEqual([{}]));
  });

  it('say of each by whom it is paused, and not that nothing moves beside one that was resumed alone', async () => {
    shell.transfers = {
      paused_all: true,
      paused_until: '2099-01-01T12:00:00Z',
      transfers: [
        fakeTransfer({ id: 1, name: 'resumed' }),
        fakeTransfer({ id: 2, name: 'held', state: 'paused', paused_with_all: true }),
        fakeTransfer({ id: 3, name: 'older', state: 'paused', reason: 'You paused it.' }),
      ],
    };
    const { text } = await showTransfers();
    expect(text()).not.toContain('Nothing moves');
    expect(
      screen.getByText(/^Paused by you until .*2099.* What you resumed by itself goes on\.$/u),
    ).toBeDefined();
    expect(row(1)).toMatch(/held.*Paused by you until .*2099/u);
    expect(row(2)).toMatch(/older.*You paused it\./u);
    expect(row(2)).not.toContain('2099');
  });

  it('count down to the next try of one that rests, and try it at once when asked to', async () => {
    vi.useFakeTimers({ toFake: ['Date', 'setInterval', 'clearInterval'] });
    try {
      const nextTry = new Date(Date.now() + 300_000).toISOString();
      const rest = {
        state: 'waiting',
        reason: 'Only 4 of 12 hosts answered.',
        code: 'not_enough_hosts',
      } as const;
      shell.transfers = { paused_all: false, transfers: [fakeTransfer({ ...rest, next_try: nextTry })] };
      const { container } = await showTransfers();
      expect(screen.getByText('Layr tries again by itself in about 5 minutes.')).toBeDefined();
      act(() => vi.advanceTimersByTime(120_000));
      expect(screen.getByText('Layr tries again by itself in about 3 minutes.')).toBeDefined();
      act(() => vi.advanceTimersByTime(150_000));
      expect(screen.getByText('Layr tries again by itself within a minute.')).toBeDefined();
      await expectAccessible(container);
    } finally {
      vi.useRealTimers();
    }
    await userEvent.click(screen.getByRole('button', { name: 'Retry: photos 2026' }));
    await userEvent.click(screen.getByRole('button', { name: 'Retry all' }));
    await waitFor(() => expect(shell.requests('transfer_retry')).toEqual([{ id: 1 }, {}]));
  });

  it('that end while it is asked whether to cancel them are not cancelled, and that is said', async () => {
    await showTransfers();
    await userEvent.click(screen.getByRole('button', { name: 'Cancel: photos 2026' }));
    const sheet = within(await screen.findByRole('alertdialog'));
    const done = fakeTransfer({ state: 'done', finished: '2026-11-22T12:00:00Z' });
    act(() => useLiveTransfers.getState().set({ paused_all: false, transfers: [done] }));
    expect(sheet.getByText('It has ended meanwhile: there is nothing left to cancel.')).toBeDefined();
    expect(sheet.getByRole<HTMLButtonElement>('button', { name: 'Cancel the transfer' }).disabled).toBe(true);
    act(() => useLiveTransfers.getState().set({ paused_all: false, transfers: [] }));
    expect(sheet.getByText(/^It has ended meanwhile/u)).toBeDefined();
    expect(sheet.getByRole('button', { name: 'Keep it' })).toBeDefined();
  });

  it('lead from an upload that is done to where it lies', async () => {
    const done = { state: 'done', finished: '2026-11-22T12:00:00Z' } as const;
    shell.transfers = {
      paused_all: false,
      transfers: [
        fakeTransfer({ ...done, id: 1, name: '2026', folder: '/my photos & films' }),
        fakeTransfer({ ...done, id: 2, name: 'at the top', folder: '/' }),
        fakeTransfer({ ...done, id: 3, name: 'unknown' }),
      ],
    };
    const { container } = await showTransfers();
    const ways = screen.getAllByRole<HTMLAnchorElement>('link');
    expect(ways.map((way) => way.getAttribute('aria-label'))).toEqual([
      'Show in library: at the top',
      'Show in library: 2026',
    ]);
    const places = ways.map((way) => parseSearch(way.hash.replace('#/library', '')));
    expect(places).toEqual([{ at: 'at the top' }, { dir: '/my photos & films', at: '2026' }]);
    await expectAccessible(container);
  });

  it('show why a press did nothing', async () => {
    shell.on('transfer_pause', () => {
      throw fakeError('no_node', 'The node has stopped.', 'after_user_action');
    });
    await showTransfers();
    await userEvent.click(screen.getByRole('button', { name: 'Pause: photos 2026' }));
    await screen.findByText('The node has stopped.');
    await userEvent.click(screen.getByRole('button', { name: 'Try again' }));
    await waitFor(() => expect(shell.requests('transfer_pause')).toHaveLength(2));
  });

  it('keep the failure of each beside that of another', async () => {
    let isBroken = true;
    shell.on('transfer_pause', ({ id }: { id: number }) => {
      if (isBroken) {
        throw fakeError('internal', `Transfer ${id} does not listen.`, 'after_user_action');
      }
      return null;
    });
    await showTransfers();
    await userEvent.click(screen.getByRole('button', { name: 'Pause: photos 2026' }));
    await userEvent.click(screen.getByRole('button', { name: 'Pause: thesis.pdf' }));
    await screen.findByText('Transfer 2 does not listen.');
    expect(screen.getByText('Transfer 1 does not listen.')).toBeDefined();
    expect(screen.getByText('That did not work for “\u2068photos 2026\u2069”.')).toBeDefined();
    isBroken = false;
    await userEvent.click(screen.getAllByRole('button', { name: 'Try again' })[0] ?? document.body);
    await waitFor(() => expect(screen.queryByText('Transfer 1 does not listen.')).toBeNull());
    expect(screen.getByText('Transfer 2 does not listen.')).toBeDefined();
  });

  it('claim to be under way only while they are', async () => {
    const nothing = { total_bytes: 0, done_bytes: 0, total_files: 0, done_files: 0, rate_bytes_per_s: null };
    shell.transfers = {
      paused_all: false,
      transfers: [
        fakeTransfer({ id: 1, name: 'counted', ...nothing }),
        fakeTransfer({ id: 2, name: 'gone', state: 'failed', retry: 'never', ...nothing }),
        fakeTransfer({ id: 3, name: 'empty', state: 'done', ...nothing }),
      ],
    };
    const { text } = await showTransfers();
    expect(text().split('counting…')).toHaveLength(2);
    expect(screen.getAllByRole('progressbar')).toHaveLength(1);
    expect(screen.getByRole('progressbar', { name: 'counted' })).toBeDefined();
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
