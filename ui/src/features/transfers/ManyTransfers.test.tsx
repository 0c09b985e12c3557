import { act, fireEvent, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it, vi } from 'vitest';

import type { Transfer } from '../../ipc/bindings';
import { useLiveTransfers } from '../../ipc/liveTransfers';
import { expectAccessible } from '../../testing/accessibility';
import { fakeTransfer } from '../../testing/fakeReports';
import { shellForTests } from '../../testing/shellForTests';
import { showTransfers } from './showTransfers';

const shell = shellForTests();

const MANY = 10_000;

const many = (changes: Partial<Transfer> = {}) =>
  Array.from({ length: MANY }, (_, index) =>
    fakeTransfer({ id: index + 1, name: `file ${index + 1}`, ...changes }),
  );

async function showMany(transfers = many()) {
  shell.transfers = { paused_all: false, transfers };
  const page = await showTransfers();
  const scroller = screen.getByRole('region', { name: 'Transfers' });
  return { ...page, scroller };
}

function scrollTo(scroller: HTMLElement, top: number): void {
  act(() => {
    scroller.scrollTop = top;
    fireEvent.scroll(scroller);
  });
}

const arrive = (transfers: Transfer[]) =>
  act(() => useLiveTransfers.getState().set({ paused_all: false, transfers }));

const spoken = () => screen.getAllByRole('status').map(({ textContent }) => textContent);

describe('very many transfers', () => {
  it('exist in the page only where they are visible, each with its place among all', async () => {
    const { container, scroller } = await showMany();
    const rows = screen.getAllByRole('listitem');
    expect(rows.length).toBeGreaterThan(1);
    expect(rows.length).toBeLessThan(40);
    expect(rows[0]?.getAttribute('aria-posinset')).toBe('1');
    expect(rows[0]?.getAttribute('aria-setsize')).toBe(String(MANY));
    await expectAccessible(container);
    scrollTo(scroller, 500_000);
    await waitFor(() => expect(screen.queryByText('file 1')).toBeNull());
    expect(screen.getAllByRole('listitem').length).toBeGreaterThan(1);
    expect(screen.getAllByRole('listitem').length).toBeLessThan(40);
    await expectAccessible(container);
  });

  it('keep the focus on the button of one that is scrolled away, and among what moves', async () => {
    const { scroller } = await showMany();
    const button = screen.getByRole('button', { name: 'Pause: file 2' });
    act(() => button.focus());
    scrollTo(scroller, 500_000);
    await waitFor(() => expect(screen.queryByText('file 1')).toBeNull());
    expect(document.activeElement).toBe(button);
    arrive(many({ done_bytes: 1 }));
    expect(document.activeElement).toBe(button);
    await userEvent.keyboard('{Enter}');
    await waitFor(() => expect(shell.requests('transfer_pause')).toEqual([{ id: 2 }]));
  });

  it('stay as they were opened while they are scrolled away', async () => {
    const left = { skipped: [{ path: '/home/ada/fifo', reason: 'It is no file.' }], skipped_total: 1 };
    const { container, scroller } = await showMany(many(left));
    const opened = () => [...container.querySelectorAll('details')].filter(({ open }) => open);
    await userEvent.click(screen.getAllByText('1 item was left out')[1] ?? document.body);
    await waitFor(() => expect(opened()).toHaveLength(1));
    // The row that had the focus last stays drawn, which is another one from now on.
    act(() => screen.getByRole('button', { name: 'Pause: file 1' }).focus());
    scrollTo(scroller, 500_000);
    await waitFor(() => expect(opened()).toHaveLength(0));
    scrollTo(scroller, 0);
    await waitFor(() => expect(opened()).toHaveLength(1));
    expect(opened()[0]?.closest('li')?.textContent).toContain('file 2');
  });

  it('are all within reach of Tab', async () => {
    const person = userEvent.setup();
    await showMany(many({ state: 'waiting' }));
    act(() => screen.getByRole('button', { name: 'Cancel: file 1' }).focus());
    await person.tab();
    expect(document.activeElement).toBe(screen.getByRole('button', { name: 'Pause: file 2' }));
  });

  it('are read out as one summary', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    try {
      await showMany();
      expect(spoken()).toContain('10,000 under way, 0 waiting or paused, 0 failed');
      arrive(many({ state: 'paused' }));
      act(() => vi.advanceTimersByTime(30_000));
      expect(spoken()).toContain('0 under way, 10,000 waiting or paused, 0 failed');
    } finally {
      vi.useRealTimers();
    }
  });

  it('leave nothing behind when they are cleared', async () => {
    const { text } = await showMany(many({ state: 'done', finished: '2026-11-22T11:00:00Z' }));
    arrive([fakeTransfer({ id: 7, name: 'the last' })]);
    expect(screen.getAllByRole('listitem')).toHaveLength(1);
    expect(text()).toContain('the last');
  });
});
