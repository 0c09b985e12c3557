import { screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it, vi } from 'vitest';

import { expectAccessible } from '../../testing/accessibility';
import { fakeError } from '../../testing/fakeShell';
import { show } from '../../testing/show';
import { shellForTests } from '../../testing/shellForTests';
import { ActivityScreen } from './ActivityScreen';

// Also what the shell does not serve yet has to work.
vi.mock(import('../../ipc/client'), async (load) => ({ ...(await load()), isServed: () => true }));

const shell = shellForTests();

const onOpen = vi.fn<(place: string) => void>();

const showActivity = () =>
  show(
    <main>
      <ActivityScreen leadsTo={(place) => place === '/transfers'} onOpen={onOpen} />
    </main>,
  );

describe('the activity', () => {
  it('keeps what needs the person on top until it is resolved', async () => {
    shell.entries = shell.entries.toReversed();
    const { container } = showActivity();
    const entries = await screen.findAllByRole('listitem');
    expect(entries.at(-1)?.textContent).toContain('Resolved');
    expect(entries[0]?.textContent).toContain('An upload waits');
    await expectAccessible(container);
    await userEvent.click(screen.getByRole('button', { name: 'Mark as resolved: An upload waits' }));
    await waitFor(() => expect(shell.requests('activity')).toHaveLength(2));
    expect(shell.requests('activity_resolve')).toEqual([{ id: 2 }]);
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
