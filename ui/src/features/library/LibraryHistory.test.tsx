import { screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it } from 'vitest';

import type { FileDetails, PartEvent, ShardInfo } from '../../ipc/bindings';
import { formatTime } from '../../lib/time';
import { expectAccessible } from '../../testing/accessibility';
import { fakeFile, fakeHealth, fakeInfo } from '../../testing/fakeLibrary';
import { shellForTests } from '../../testing/shellForTests';
import { row, showLibrary } from './showLibrary';

const shell = shellForTests();

async function details(info: FileDetails) {
  shell.files = [info];
  shell.on('file_info', () => info);
  const { container } = showLibrary();
  await userEvent.click(await row(/letter/u));
  const pane = within(await screen.findByRole('complementary', { name: 'Details' }));
  await pane.findByRole('button', { name: 'Check now' });
  return { container, pane };
}

const letter = fakeInfo(fakeFile({ name: '/letter', health: fakeHealth(30) }));
const peer = (end: string) => `12D3KooWEyoppNCUx8Yx66oV9fJnriXwCcXwDDUA2kj6${end}`;
const time = (day: number) => `2026-11-${String(day).padStart(2, '0')}T10:00:00Z`;

const event = (changes: Partial<PartEvent>): PartEvent => ({
  at: time(20),
  segment: 1,
  shard: 2,
  event: 'missing',
  host: peer('vnc6aaaa'),
  ...changes,
});

/** The lines of the list, the hosts as they are shown. */
const lines = (pane: Awaited<ReturnType<typeof details>>['pane']) =>
  pane.getAllByRole('listitem').map((item) => item.textContent);

describe('the history of a file', () => {
  it('says what became of each part, when and where, the newest first', async () => {
    const moved = { event: 'moved', host: peer('vnc6bbbb'), from: peer('vnc6cccc'), at: time(21) } as const;
    const events = [
      event(moved),
      event({ event: 'renewed', host: peer('vnc6dddd'), from: peer('vnc6aaaa'), shard: 0 }),
      event({ event: 'corrupt', shard: 29 }),
      event({ event: 'written_off' }),
      event({}),
    ];
    const { container, pane } = await details({ ...letter, history: { events, older: 0 } });
    expect(pane.getByRole('heading', { name: 'History' })).toBeDefined();
    const [at, newest] = [formatTime(time(20)), formatTime(time(21))];
    expect(lines(pane)).toEqual([
      `Part 3 was moved off a host that leaves.${newest}, host …vnc6bbbb, before at …vnc6cccc`,
      `Part 1 has a new copy at another host.${at}, host …vnc6dddd, before at …vnc6aaaa`,
      `Part 30 was damaged at its host.${at}, host …vnc6aaaa`,
      `Part 3 was given up: its host was away too long.${at}, host …vnc6aaaa`,
      `Part 3 was lost by its host.${at}, host …vnc6aaaa`,
    ]);
    expect(pane.queryByText(/more$/u)).toBeNull();
    await expectAccessible(container);
  });

  it('shows a few at once, the others on demand, and says how many are not shown', async () => {
    const events = Array.from({ length: 8 }, (_, shard) => event({ shard, segment: 3 }));
    const info = { ...letter, segment_count: 4, history: { events, older: 1200 } };
    const { pane } = await details(info);
    expect(lines(pane)).toHaveLength(8);
    const more = pane.getByText('3 more').closest('details');
    expect(more?.open).toBe(false);
    expect(within(more ?? document.body).getAllByRole('listitem', { hidden: true })).toHaveLength(3);
    expect(pane.getByText('1,200 older events are on record.')).toBeDefined();
    expect(pane.getByText('Part 6 of segment 3 was lost by its host.')).toBeDefined();
  });

  it('says that nothing happened, and nothing of what has no parts', async () => {
    const { pane } = await details(letter);
    expect(pane.getByText('No loss, damage or move is on record.')).toBeDefined();
    expect(pane.queryByRole('list')).toBeNull();
  });

  it('is not told of a file without content', async () => {
    const { pane } = await details({ ...letter, health: null, segment_count: 0, weakest: [] });
    expect(pane.queryByRole('heading', { name: 'History' })).toBeNull();
  });
});

/** The letter with these changes to its parts, by their index. */
function withParts(changes: Record<number, Partial<ShardInfo>>): FileDetails {
  const info = structuredClone(letter);
  for (const part of info.weakest.flatMap(({ shards }) => shards)) {
    Object.assign(part, { last_proven: time(20), last_read: time(9) }, changes[part.index]);
  }
  return info;
}

describe('when parts were proven last', () => {
  it('the oldest decides, of those that are there', async () => {
    const { pane } = await details(
      withParts({
        3: { last_proven: time(18) },
        4: { last_read: time(2) },
        5: { state: 'corrupt', last_proven: time(1), last_read: time(1) },
        6: { failed: 'written_off', last_proven: null },
      }),
    );
    const [proven, read] = [formatTime(time(18)), formatTime(time(2))];
    expect(
      pane.getByText(
        `All stored parts were proven to be there on ${proven} or later, and read in full on ${read} or later.`,
      ),
    ).toBeDefined();
  });

  it('claims nothing of what is not known', async () => {
    const { pane } = await details(withParts({ 3: { last_read: null } }));
    expect(
      pane.getByText(`All stored parts were proven to be there on ${formatTime(time(20))} or later.`),
    ).toBeDefined();
  });

  it('says nothing where a part was never proven', async () => {
    const { pane } = await details(withParts({ 3: { last_proven: null } }));
    expect(pane.queryByText(/proven to be there/u)).toBeNull();
  });
});
