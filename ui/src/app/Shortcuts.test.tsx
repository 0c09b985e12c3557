import { act, fireEvent, render, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it } from 'vitest';

import { expectAccessible } from '../testing/accessibility';
import { shellForTests } from '../testing/shellForTests';
import { App } from './App';

const shell = shellForTests();

async function showRunning() {
  render(<App />);
  return screen.findByRole('grid', { name: 'Files and folders' });
}

/** A command of the shell that a test lets answer. */
function heldAnswer(command: string) {
  const answers: ((answer: unknown) => void)[] = [];
  shell.on(command, () => new Promise((resolve) => answers.push(resolve)));
  return (answer: unknown) => act(async () => answers.shift()?.(answer));
}

const press = (key: string, code: string, more: KeyboardEventInit = {}) =>
  fireEvent.keyDown(document.activeElement ?? document.body, { key, code, ctrlKey: true, ...more });

describe('a dialog of the system', () => {
  it('is asked for once, however often its button is pressed until it is answered', async () => {
    const answer = heldAnswer('choose_upload');
    await showRunning();
    await userEvent.dblClick(screen.getByRole('button', { name: 'Upload files…' }));
    press('o', 'KeyO');
    expect(shell.requests('choose_upload')).toHaveLength(1);
    await answer(null);
    press('o', 'KeyO');
    await waitFor(() => expect(shell.requests('choose_upload')).toHaveLength(2));
  });

  it('can be asked for again after it failed', async () => {
    shell.on('choose_upload', () => {
      throw new Error('no portal');
    });
    await showRunning();
    press('o', 'KeyO');
    await screen.findByText('no portal');
    press('o', 'KeyO');
    await waitFor(() => expect(shell.requests('choose_upload')).toHaveLength(2));
  });

  it('is asked for once by a double press for an import', async () => {
    const answer = heldAnswer('import_manifest');
    await showRunning();
    await userEvent.dblClick(screen.getByRole('button', { name: 'Import…' }));
    expect(shell.requests('import_manifest')).toHaveLength(1);
    await answer(null);
  });
});

describe('a shortcut', () => {
  it('counts once while its key is held', async () => {
    await showRunning();
    const before = window.history.length;
    press('2', 'Digit2', { repeat: true });
    press('o', 'KeyO', { repeat: true });
    press('4', 'Digit4');
    await screen.findByRole('heading', { level: 1, name: 'Hosting' });
    expect(window.history.length).toBe(before + 1);
    expect(shell.requests('choose_upload')).toHaveLength(0);
  });

  it('is found on a keyboard that writes digits only with Shift, or another script', async () => {
    const grid = await showRunning();
    press('а', 'KeyF');
    expect(document.activeElement).toBe(screen.getByRole('searchbox'));
    act(() => grid.focus());
    press('ф', 'KeyA');
    await screen.findByText(/^\d+ items selected$/u);
    press('é', 'Digit2');
    await screen.findByRole('heading', { level: 1, name: 'Transfers' });
    press('λ', 'KeyK');
    await screen.findByRole('dialog', { name: 'Commands' });
  });

  it('is none where the key of a digit writes what changes the size of the text', async () => {
    shell.settings = { ...shell.settings, zoom_percent: 150 };
    await showWith(true);
    const before = window.history.length;
    // Of a French keyboard, a Czech and a Swiss one.
    press('-', 'Digit6');
    await waitFor(() => expect(shell.requests('settings_set')).toHaveLength(1));
    press('+', 'Digit1');
    press('+', 'Digit1', { shiftKey: true });
    press('4', 'Digit4');
    // A screen that one of them led to would be one step more.
    await screen.findByRole('heading', { level: 1, name: 'Hosting' });
    expect(window.history.length).toBe(before + 1);
  });

  it('is the letter that is written where that is a Latin one', async () => {
    await showRunning();
    press('t', 'KeyK');
    press('4', 'Digit4');
    await screen.findByRole('heading', { level: 1, name: 'Hosting' });
    expect(screen.queryByRole('dialog')).toBeNull();
  });
});

const help = () => screen.queryByRole('dialog', { name: 'Keyboard shortcuts' });
/** Shows the page with that setting, once it is known. */
async function showWith(isOn: boolean) {
  shell.settings = { ...shell.settings, single_key_shortcuts: isOn, theme: 'dark' };
  await showRunning();
  await waitFor(() => expect(document.documentElement.dataset['theme']).toBe('dark'));
}
const keysInPalette = async () => {
  press('k', 'KeyK');
  const entry = await screen.findByRole('menuitem', { name: /^Keyboard shortcuts/u });
  const keys = entry.querySelector('kbd')?.textContent;
  await userEvent.keyboard('{Escape}');
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
  return keys;
};

describe('the list of shortcuts', () => {
  it('comes by a question mark alone while that is on, and says so', async () => {
    await showWith(true);
    expect(await keysInPalette()).toBe('?');
    press('?', 'Slash', { ctrlKey: false, shiftKey: true });
    const sheet = await screen.findByRole('dialog', { name: 'Keyboard shortcuts' });
    const keys = [...sheet.querySelectorAll('kbd')].map(({ textContent }) => textContent);
    expect(keys).toEqual(expect.arrayContaining(['?', 'Ctrl /']));
    await expectAccessible(document.body);
  });

  it('does not come by a question mark once that is off, but by keys that always work', async () => {
    await showWith(false);
    press('?', 'Slash', { ctrlKey: false, shiftKey: true });
    expect(help()).toBeNull();
    expect(await keysInPalette()).toBe('Ctrl /');
    // Where it stands on the key of a digit, it is no digit.
    press('/', 'Digit7', { shiftKey: true });
    await waitFor(() => expect(help()).not.toBeNull());
    const keys = [...(help()?.querySelectorAll('kbd') ?? [])].map(({ textContent }) => textContent);
    expect(keys).toContain('Ctrl /');
    expect(keys).not.toContain('?');
  });

  it('comes by those keys while somebody types, and on a Mac by its own', async () => {
    await showRunning();
    act(() => screen.getByRole('searchbox').focus());
    press('/', 'Slash', { ctrlKey: false, metaKey: true });
    await waitFor(() => expect(help()).not.toBeNull());
  });

  it('does not come by a question mark while nobody knows whether that is on', async () => {
    shell.on('settings', () => new Promise(() => undefined));
    await showRunning();
    press('?', 'Slash', { ctrlKey: false, shiftKey: true });
    expect(help()).toBeNull();
    press('/', 'Slash');
    await waitFor(() => expect(help()).not.toBeNull());
  });
});
