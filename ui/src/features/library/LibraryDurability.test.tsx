import { screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it } from 'vitest';

import type { FileDetails } from '../../ipc/bindings';
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

const letter = (changes: Parameters<typeof fakeFile>[0]) => fakeInfo(fakeFile(changes));

describe('the chance to lose a file', () => {
  it('stands beside what it survives, with what it rests on one click away', async () => {
    const { container, pane } = await details(letter({ name: '/letter', durability: 3.4e-9 }));
    pane.getByText('It survives the loss of any 20 of its 30 stored parts.');
    pane.getByText(
      'By what is assumed of hosts, the chance to lose it within a year is about 1 in 100 million.',
    );
    const rests = pane.getByText('What this figure rests on');
    const box = rests.closest('details');
    expect(box?.open).toBe(false);
    await userEvent.click(rests);
    expect(box?.open).toBe(true);
    pane.getByText(/^A host stays 120 days on average\. That is assumed/u);
    pane.getByText(/They may fail together/u);
    pane.getByText(/made again in 2 days on average/u);
    await expectAccessible(container);
  });

  it('says what was measured as that', async () => {
    const info = letter({ name: '/letter', durability: 4.6e-3 });
    const model = { assumed: false, host_life_days: 1234.4, repair_days: 1 };
    const { pane } = await details({ ...info, model });
    expect(pane.getByText('The chance to lose it within a year is about 1 in 200.')).toBeDefined();
    expect(
      pane.getByText('A host stays 1,234 days on average, as measured at the hosts of your files.'),
    ).toBeDefined();
    expect(pane.getByText(/made again in 1 day on average/u)).toBeDefined();
  });

  it('is not told of what is lost', async () => {
    const lost = letter({ name: '/letter', health: fakeHealth(9), durability: 1 });
    const { pane } = await details(lost);
    pane.getByText(/fewer parts are there than it needs/u);
    expect(pane.queryByText('What this figure rests on')).toBeNull();
    expect(pane.queryByText(/within a year/u)).toBeNull();
  });

  it('is not told where there is nothing to lose', async () => {
    const { pane } = await details(letter({ name: '/letter', health: null, durability: null }));
    pane.getByText('There is no content to keep, so there are no parts.');
    expect(pane.queryByText('What this figure rests on')).toBeNull();
    expect(pane.queryByText(/within a year/u)).toBeNull();
  });
});
