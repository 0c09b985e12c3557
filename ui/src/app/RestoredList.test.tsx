import { act, render, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it } from 'vitest';

import { runningView } from '../testing/examples';
import { fakePreview } from '../testing/fakeReports';
import { shellForTests } from '../testing/shellForTests';
import { App } from './App';

const shell = shellForTests();

/** A restored identity without a list, which it has again as soon as the shell does this. */
async function showRestored(command: string, answer: unknown) {
  shell.isRestored = true;
  shell.files = [];
  shell.entries = [];
  shell.transfers = { paused_all: false, transfers: [] };
  shell.view = runningView({ transfers: [], files: 0, health: null });
  shell.on(command, () => {
    shell.isRestored = false;
    return answer;
  });
  render(<App />);
  const rail = within(await screen.findByRole('navigation', { name: 'Screens' }));
  await rail.findByText(/^Connected\. The list of your files is not back yet/u);
  return rail;
}

describe('that the list of files is not back', () => {
  it('is no longer said once a manifest was imported', async () => {
    const rail = await showRestored('import_confirm', { names: ['/a'], size: 1, path: '/home/ada/a.layr' });
    shell.opened = fakePreview();
    await act(() => shell.emit('opened', null));
    const sheet = within(await screen.findByRole('dialog', { name: 'Import into the library?' }));
    await userEvent.click(sheet.getByRole('button', { name: 'Import' }));
    await act(() => shell.emit('shell-state-changed', null));
    expect(await rail.findByText('Connected. Nothing is stored yet.')).toBeDefined();
  });

  it('is no longer said once something is uploaded', async () => {
    const rail = await showRestored('upload_start', { transfer: 9 });
    await act(() => shell.emit('drop', { phase: 'drop', selection: 'sel-1', count: 1 }));
    const sheet = within(await screen.findByRole('dialog', { name: 'Store these files?' }));
    await userEvent.click(await sheet.findByRole('button', { name: 'Store' }));
    await act(() => shell.emit('shell-state-changed', null));
    expect(await rail.findByText('Connected. Nothing is stored yet.')).toBeDefined();
  });
});
