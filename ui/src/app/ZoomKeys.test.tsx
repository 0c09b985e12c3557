import { act, render, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it } from 'vitest';

import type { Settings, SettingsChange } from '../ipc/bindings';
import { expectAccessible } from '../testing/accessibility';
import { exampleViews } from '../testing/examples';
import { fakeError } from '../testing/fakeShell';
import { shellForTests } from '../testing/shellForTests';
import { App } from './App';

const shell = shellForTests();

const sizes = () => (shell.requests('settings_set') as Settings[]).map(({ zoom_percent: zoom }) => zoom);

async function pressUntil(keys: string, count: number): Promise<void> {
  await userEvent.keyboard(keys);
  await waitFor(() => expect(sizes()).toHaveLength(count));
}

describe('the size of the text', () => {
  it('is changed by keys, also before there is a node, within its bounds and with the rest as it is', async () => {
    shell.view = exampleViews.no_identity;
    shell.settings = { ...shell.settings, zoom_percent: 150, autostart: true, theme: 'dark' };
    render(<App />);
    await screen.findByRole('heading', { name: 'Welcome to Layr' });
    await waitFor(() => expect(document.documentElement.dataset['theme']).toBe('dark'));
    await pressUntil('{Control>}={/Control}', 1);
    await pressUntil('{Meta>}+{/Meta}', 2);
    // There is no larger one.
    await userEvent.keyboard('{Control>}+{/Control}');
    await pressUntil('{Control>}-{/Control}', 3);
    await pressUntil('{Control>}0{/Control}', 4);
    await userEvent.keyboard('{Control>}-{/Control}+-0');
    expect(sizes()).toEqual([175, 200, 175, 100]);
    expect(shell.settings).toMatchObject({ autostart: true, zoom_percent: 100 });
  });

  it('is changed in a sheet as well, and the list of shortcuts says how', async () => {
    const person = userEvent.setup();
    render(<App />);
    await screen.findByRole('grid', { name: 'Files and folders' });
    await person.click(screen.getByRole('button', { name: 'Keyboard shortcuts' }));
    await screen.findByText('Larger text, smaller text, usual text');
    await pressUntil('{Control>}+{/Control}', 1);
  });

  it('leaves alone what is being changed beside it', async () => {
    const held: (() => void)[] = [];
    shell.on(
      'settings_set',
      (change: SettingsChange) =>
        new Promise((resolve) => {
          held.push(() => {
            shell.settings = { ...shell.settings, ...change };
            resolve(shell.settings);
          });
        }),
    );
    window.location.hash = '#/settings';
    render(<App />);
    await userEvent.click(await screen.findByRole('switch', { name: /Start with this computer/u }));
    await pressUntil('{Control>}+{/Control}', 2);
    await act(async () => held.forEach((answer) => answer()));
    await screen.findByRole('switch', { name: /Start with this computer/u, checked: true });
    expect(shell.settings).toMatchObject({ autostart: true, zoom_percent: 125 });
  });

  it('that cannot be changed says why', async () => {
    shell.on('settings_set', () => {
      throw fakeError('disk_full', 'The disk is full.', 'after_user_action');
    });
    const { container } = render(<App />);
    await screen.findByRole('grid', { name: 'Files and folders' });
    await pressUntil('{Control>}+{/Control}', 1);
    await screen.findByText('The text size could not be changed.');
    await expectAccessible(container);
    await userEvent.click(screen.getByRole('button', { name: 'Close' }));
    await act(() => Promise.resolve());
    expect(screen.queryByText('The disk is full.')).toBeNull();
  });
});
