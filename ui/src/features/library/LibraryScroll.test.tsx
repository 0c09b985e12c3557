import { fireEvent, screen } from '@testing-library/react';
import { beforeEach, expect, it, vi } from 'vitest';

import { fakeFiles } from '../../testing/fakeLibrary';
import { shellForTests } from '../../testing/shellForTests';
import { grid, row, showLibrary } from './showLibrary';

/** The names that were drawn, in their order: every row has one, and the heading of the screen too. */
const drawn = vi.hoisted((): string[] => []);

vi.mock('../../design/Name', async (original) => {
  const { Name } = await original<typeof import('../../design/Name')>();
  return {
    Name: (props: { text: string }) => {
      drawn.push(props.text);
      return Name(props);
    },
  };
});

const shell = shellForTests();
const numberOf = (name: string) => Number.parseInt(name, 10);

beforeEach(() => {
  shell.files = fakeFiles(2000);
});

/** Scrolls to that row and answers what was drawn meanwhile. */
async function scrollTo(index: number): Promise<string[]> {
  const table = await grid();
  drawn.length = 0;
  table.scrollTop = index * 36;
  fireEvent.scroll(table);
  await row(new RegExp(String(index).padStart(6, '0'), 'u'));
  return [...drawn];
}

it('rows that stay are not drawn again while others come, and nothing around them', async () => {
  showLibrary();
  await row(/000000 report/u);
  const before = new Set(screen.getAllByRole('row').map(({ textContent }) => numberOf(textContent)));
  const names = await scrollTo(20);
  expect(names.length).toBeGreaterThan(5);
  expect(names.filter((name) => Number.isNaN(numberOf(name)))).toEqual([]);
  expect(names.filter((name) => before.has(numberOf(name)))).toEqual([]);
  expect(names).toHaveLength(new Set(names).size);
});

it('rows far below come, and can be chosen', async () => {
  showLibrary();
  await row(/000000 report/u);
  await scrollTo(1200);
  drawn.length = 0;
  fireEvent.click(await row(/001205/u));
  await screen.findByText('1 item selected');
  expect((await row(/001205/u)).getAttribute('aria-selected')).toBe('true');
  const rows = drawn.filter((name) => !Number.isNaN(numberOf(name)) && numberOf(name) !== 1205);
  expect(rows, 'of the rows only the chosen one').toEqual([]);
});
