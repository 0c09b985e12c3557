import { act, render, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it } from 'vitest';

import { expectAccessible } from '../testing/accessibility';
import { runningView } from '../testing/examples';
import { fakeFile } from '../testing/fakeLibrary';
import { shellForTests } from '../testing/shellForTests';
import { App } from './App';

const shell = shellForTests();

const NOTE = 'Try-out: everything is kept on this computer only. It is no backup.';

async function showNetwork(network: string) {
  shell.entries = [];
  shell.transfers = { paused_all: false, transfers: [] };
  shell.view = runningView({ network, transfers: [] });
  const page = render(<App />);
  await screen.findByRole('navigation', { name: 'Screens' });
  return page;
}

describe('on the try-out network', () => {
  it('nothing is called safe, and every screen says that it is no backup', async () => {
    shell.files = [fakeFile({ name: '/letter.txt', durability: 3.4e-9 })];
    const { container } = await showNetwork('try-out');
    await userEvent.click(await screen.findByRole('row', { name: /letter/u }));
    const pane = within(await screen.findByRole('complementary', { name: 'Details' }));
    await pane.findByText('All parts are on this computer. If it is lost, so is the file.');
    // Hosts of one computer do not fail one by one.
    expect(pane.queryByText(/the chance to lose it/iu)).toBeNull();
    const rail = within(screen.getByRole('navigation', { name: 'Screens' }));
    expect(rail.getByText('Only here')).toBeDefined();
    expect(rail.getByText(/kept on this computer only/u)).toBeDefined();
    expect(screen.queryByText(/\bsafe\b/iu)).toBeNull();
    await expectAccessible(container);
    for (const name of ['Transfers', 'Hosting', 'Network', 'Activity', 'Settings', 'Library']) {
      // eslint-disable-next-line no-await-in-loop -- one screen after the other
      await userEvent.click(rail.getByRole('link', { name }));
      expect(screen.getByRole('note').textContent).toBe(NOTE);
    }
  });

  it('the review and an empty library say where things stay', async () => {
    shell.files = [];
    await showNetwork('try-out');
    await screen.findByText(/all of them stay on this computer: what you store here is no backup/u);
    await userEvent.keyboard('{Control>}o{/Control}');
    const sheet = within(await screen.findByRole('dialog', { name: 'Store these files?' }));
    expect(sheet.getByText(/Keep your originals: this is no backup/u)).toBeDefined();
  });

  it('a search among what is whole does not call it safe', async () => {
    shell.files = [fakeFile({ name: '/letter.txt' })];
    await showNetwork('try-out');
    await userEvent.selectOptions(await screen.findByRole('combobox', { name: 'Show' }), 'Only here');
    await userEvent.type(await screen.findByRole('searchbox'), 'zzz');
    await screen.findByText('No name of what is “Only here” contains “\u2068zzz\u2069”.');
    await act(() => shell.emit('node-view', runningView({ network: 'layr-test', transfers: [] })));
    await screen.findByText('No name of what is “Safe” contains “\u2068zzz\u2069”.');
  });
});

describe('on any other network', () => {
  it('no such note is shown', async () => {
    shell.files = [fakeFile({ name: '/letter.txt' })];
    await showNetwork('layr-test');
    await screen.findByRole('row', { name: /letter/u });
    expect(screen.queryByRole('note')).toBeNull();
    expect(screen.getAllByText('Safe').length).toBeGreaterThan(1);
  });
});
