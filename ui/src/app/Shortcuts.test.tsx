import { act, fireEvent, render, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it } from 'vitest';

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
    press('3', 'Digit3');
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

  it('is the letter that is written where that is a Latin one', async () => {
    await showRunning();
    press('t', 'KeyK');
    press('3', 'Digit3');
    await screen.findByRole('heading', { level: 1, name: 'Hosting' });
    expect(screen.queryByRole('dialog')).toBeNull();
  });
});
