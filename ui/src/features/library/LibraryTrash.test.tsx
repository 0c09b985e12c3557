import { screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it } from 'vitest';

import { formatTime } from '../../lib/time';
import { expectAccessible } from '../../testing/accessibility';
import { fakeFile } from '../../testing/fakeLibrary';
import { shellForTests } from '../../testing/shellForTests';
import { timeLeftWords } from './model';
import { grid, row, showLibrary } from './showLibrary';

const shell = shellForTests();

const DAY_MS = 86_400_000;

/** Something in the trash that is kept for so many days from now. */
const trashed = (name: string, days: number) =>
  fakeFile({
    name,
    id: name,
    deleted: new Date(Date.now() + (days - 30) * DAY_MS).toISOString(),
    expires: new Date(Date.now() + days * DAY_MS).toISOString(),
  });

describe('the time that the trash still keeps something', () => {
  // Where the person is: today ends at their midnight.
  const NOW = new Date(2026, 10, 28, 12).getTime();

  it.each([
    [new Date(2026, 11, 28, 12), '30 days left'],
    [new Date(2026, 11, 24, 9), '25 days left'],
    [new Date(2026, 10, 30, 12), '2 days left'],
    [new Date(2026, 10, 30, 11, 59), '1 day left'],
    [new Date(2026, 10, 29, 12), '1 day left'],
    [new Date(2026, 10, 29, 0, 5), 'tomorrow'],
    [new Date(2026, 10, 28, 23, 55), 'today'],
    [new Date(2026, 10, 28, 12, 0, 1), 'today'],
    [new Date(2026, 10, 28, 12), 'none'],
    [new Date(2025, 0, 1), 'none'],
  ])('until %s is %s', (at, words) => {
    expect(timeLeftWords(at.toISOString(), NOW)).toBe(words);
  });

  it('is the text itself where it is no time', () => {
    expect(timeLeftWords('no time', NOW)).toBe('no time');
  });
});

describe('the trash', () => {
  it('says of every row how long it is kept, also of what is overdue', async () => {
    shell.trash = [
      trashed('/plan.odt', 26.5),
      trashed('/late.odt', -3),
      fakeFile({ name: '/unknown.odt', id: 'u', deleted: '2026-11-19T09:00:00Z' }),
    ];
    const { container } = showLibrary({ isTrash: true });
    const plan = within(await row(/plan\.odt/u)).getByText('26 days left');
    expect(plan.title).toBe(formatTime(shell.trash[0]?.expires ?? ''));
    expect(within(await row(/late\.odt/u)).getByText('none')).toBeDefined();
    expect((await row(/unknown\.odt/u)).textContent).not.toMatch(/left|none|undefined/u);
    const headings = screen.getAllByRole('columnheader').map(({ textContent }) => textContent);
    expect(headings).toEqual(['Name', 'Size', 'Removed', 'Time left']);
    await expectAccessible(container);
  });

  it('says the day in the details, without asking for parts', async () => {
    shell.trash = [trashed('/work/plan.odt', 26.5)];
    const [file] = shell.trash;
    const { container } = showLibrary({ isTrash: true });
    await grid();
    const pane = within(screen.getByRole('complementary', { name: 'Details' }));
    expect(pane.getByText('Choose one item to see when it is deleted for good.')).toBeDefined();
    await userEvent.click(await row(/plan\.odt/u));
    const fact = (name: string) => pane.getByText(name).nextElementSibling?.textContent;
    expect(pane.getByRole('heading', { level: 2, name: 'plan.odt' })).toBeDefined();
    expect(fact('Deleted for good')).toBe(formatTime(file?.expires ?? ''));
    expect(fact('Removed')).toBe(formatTime(file?.deleted ?? ''));
    expect(pane.queryByRole('button')).toBeNull();
    expect(shell.requests('file_info')).toHaveLength(0);
    await expectAccessible(container);
  });
});
