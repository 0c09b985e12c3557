import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it, vi } from 'vitest';

import type { ActivityEntry } from '../../ipc/bindings';
import { expectAccessible } from '../../testing/accessibility';
import { fakeError } from '../../testing/fakeShell';
import { show } from '../../testing/show';
import { shellForTests } from '../../testing/shellForTests';
import { ActivityScreen } from './ActivityScreen';

const shell = shellForTests();

const onOpen = vi.fn<(place: string) => void>();

const showActivity = () =>
  show(
    <main>
      <ActivityScreen leadsTo={(place) => place === '/transfers'} onOpen={onOpen} />
    </main>,
  );

describe('very many entries', () => {
  it('exist in the page only where they are visible, each with its place among all', async () => {
    const [entry] = shell.entries;
    shell.entries = Array.from({ length: 2000 }, (_, id) => ({ ...(entry as ActivityEntry), id }));
    const { container } = showActivity();
    const list = within(await screen.findByRole('list', { name: 'What happened' }));
    await waitFor(() => expect(list.getAllByRole('listitem').length).toBeGreaterThan(1));
    const rows = list.getAllByRole('listitem');
    expect(rows.length).toBeLessThan(40);
    expect(rows[0]?.getAttribute('aria-posinset')).toBe('1');
    expect(rows[0]?.getAttribute('aria-setsize')).toBe('2000');
    await expectAccessible(container);
  });
});

describe('the activity', () => {
  it('keeps what needs the person on top until it is resolved', async () => {
    shell.entries = shell.entries.toReversed();
    const { container } = showActivity();
    const list = await screen.findByRole('list', { name: 'What happened' });
    const entries = within(list).getAllByRole('listitem');
    expect(entries.map((entry) => /^[^.]*?(full|waits|finished)/u.exec(entry.textContent)?.[1])).toEqual([
      'full',
      'waits',
      'finished',
    ]);
    expect(entries.at(-1)?.textContent).toContain('Resolved');
    await expectAccessible(container);
    const focus = vi.spyOn(list, 'focus');
    await userEvent.click(screen.getByRole('button', { name: 'Mark as resolved: An upload waits' }));
    await waitFor(() => expect(shell.requests('activity')).toHaveLength(2));
    expect(shell.requests('activity_resolve')).toEqual([{ id: 2 }]);
    expect(document.activeElement).toBe(list);
    // Far down in the list it would scroll to its beginning.
    expect(focus).toHaveBeenCalledWith({ preventScroll: true });
  });

  it('says how often the same happened', async () => {
    const [entry] = shell.entries;
    if (entry === undefined) {
      throw new Error('no entry');
    }
    shell.entries = [
      { ...entry, times: 12 },
      { ...entry, id: 9, title: 'Once', times: 1 },
    ];
    const { text } = showActivity();
    await screen.findByText('Once');
    expect(text()).toContain('12 times');
    expect(text()).not.toContain('1 times');
  });

  it('shows long and hostile text as text', async () => {
    const [entry] = shell.entries;
    if (entry === undefined) {
      throw new Error('no entry');
    }
    shell.entries = [{ ...entry, title: '<b>\u202Ebold', text: 'long '.repeat(2000), at: 'no time' }];
    const { container } = showActivity();
    await screen.findByText('<b>\uFFFDbold');
    await expectAccessible(container);
  });

  it('keeps what stands after a name behind it, whatever direction the name is written in', async () => {
    const [entry] = shell.entries;
    if (entry === undefined) {
      throw new Error('no entry');
    }
    shell.entries = [{ ...entry, title: '“שלום” 12 times', text: 'First: “שלום”, 3 parts\nThen: “b”' }];
    showActivity();
    await screen.findByText('“\u2068שלום\u2069” 12 times');
    expect(screen.getByText(/^First: “\u2068שלום\u2069”, 3 parts\s+Then: “\u2068b\u2069”$/u)).toBeDefined();
    // Of what is only read out nothing can change places.
    expect(screen.getByRole('button', { name: 'Mark as resolved: “שלום” 12 times' })).toBeDefined();
  });

  it('leads to where an entry can be seen to, and nowhere else', async () => {
    const [entry] = shell.entries;
    if (entry === undefined) {
      throw new Error('no entry');
    }
    shell.entries = [entry, { ...entry, id: 9, title: 'Elsewhere', opens: 'https://example.org/' }];
    showActivity();
    await userEvent.click(await screen.findByRole('button', { name: /^Open: This computer/u }));
    expect(onOpen).toHaveBeenCalledWith('/transfers');
    expect(screen.queryByRole('button', { name: 'Open: Elsewhere' })).toBeNull();
  });

  it('leads from a failed transfer to the transfers, and calls it resolved only when the person does', async () => {
    shell.entries = [
      {
        id: 7,
        at: '2026-11-22T11:50:00Z',
        level: 'action',
        title: '“thesis.pdf” was not downloaded',
        text: 'It waits under Transfers: try it again there, or give it up.',
        resolved: false,
        opens: '/transfers',
      },
    ];
    showActivity();
    await userEvent.click(await screen.findByRole('button', { name: /^Open: “thesis\.pdf”/u }));
    expect(onOpen).toHaveBeenLastCalledWith('/transfers');
    expect(shell.requests('activity_resolve')).toEqual([]);
    expect(screen.queryByText(/^Resolved/u)).toBeNull();
    await userEvent.click(screen.getByRole('button', { name: /^Mark as resolved: “thesis\.pdf”/u }));
    await waitFor(() => expect(shell.requests('activity_resolve')).toEqual([{ id: 7 }]));
  });

  it('forgets what is resolved', async () => {
    showActivity();
    await userEvent.click(await screen.findByRole('button', { name: 'Clear resolved' }));
    await waitFor(() => expect(shell.requests('activity_clear')).toHaveLength(1));
    shell.entries = shell.entries.filter(({ resolved }) => !resolved);
    await waitFor(() => expect(shell.requests('activity')).toHaveLength(2));
  });

  it('shows what works in the background, with the last error', async () => {
    document.documentElement.dir = 'rtl';
    const { container } = showActivity();
    const workers = within(await screen.findByRole('region', { name: 'In the background' }));
    const rows = workers.getAllByRole('listitem').map((row) => row.textContent);
    expect(rows[0]).toMatch(/Uploads.*Working/u);
    expect(rows[1]).toMatch(/Repair.*Resting/u);
    expect(rows[2]).toMatch(/Discovery.*Last error: No seed answered.*Failed/u);
    await expectAccessible(container);
  });

  it('says that nothing happened, or that it cannot be read', async () => {
    shell.entries = [];
    const { unmount } = showActivity();
    await screen.findByRole('heading', { name: 'Nothing happened yet' });
    unmount();
    shell.on('activity', () => {
      throw fakeError('internal', 'broken');
    });
    const { container } = showActivity();
    await screen.findByText('The activity could not be read.');
    await expectAccessible(container);
  });
});
