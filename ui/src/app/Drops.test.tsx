import { act, render, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it } from 'vitest';

import { expectAccessible } from '../testing/accessibility';
import { exampleViews } from '../testing/examples';
import { fakeError } from '../testing/fakeShell';
import { shellForTests } from '../testing/shellForTests';
import { App } from './App';

const shell = shellForTests();

const TOO_MANY = fakeError('invalid_request', 'These are more than 10 000 items.', 'after_user_action');
const LATER = 'Finish this first; then drop them again.';

async function showRunning() {
  const page = render(<App />);
  await screen.findByRole('grid', { name: 'Files and folders' });
  return page;
}

const review = async () => within(await screen.findByRole('dialog', { name: 'Store these files?' }));

describe('drops', () => {
  it('name where they go, and are reviewed before anything is sent', async () => {
    await showRunning();
    await act(() => shell.emit('drop', { phase: 'enter', count: 3 }));
    await screen.findByText('Drop to store in \u2068Library\u2069');
    expect(screen.getByText('3 items')).toBeDefined();
    await act(() => shell.emit('drop', { phase: 'drop', count: 3, selection: 'sel-9' }));
    expect(screen.queryByText('Drop to store in \u2068Library\u2069')).toBeNull();
    const sheet = within(await screen.findByRole('dialog', { name: 'Store these files?' }));
    await sheet.findByText('5.2 GB');
    expect(shell.requests('upload_start')).toHaveLength(0);
    await userEvent.click(sheet.getByRole('button', { name: 'Store' }));
    await screen.findByText(/The upload is in Transfers/u);
    expect(shell.requests('upload_start')).toEqual([{ selection: 'sel-9' }]);
  });

  it('say that the upload has begun on whichever screen it was', async () => {
    await showRunning();
    await act(() => shell.emit('navigate', { to: '/hosting' }));
    await screen.findByRole('heading', { level: 1, name: 'Hosting' });
    await act(() => shell.emit('drop', { phase: 'drop', selection: 'sel-9' }));
    const sheet = within(await screen.findByRole('dialog', { name: 'Store these files?' }));
    await sheet.findByText('5.2 GB');
    await userEvent.click(sheet.getByRole('button', { name: 'Store' }));
    await screen.findByText('The upload is in Transfers.');
    await userEvent.click(screen.getByRole('button', { name: 'Show transfers' }));
    await screen.findByRole('heading', { level: 1, name: 'Transfers' });
  });

  it('take the place of an older one, which the shell may forget', async () => {
    await showRunning();
    await act(() => shell.emit('drop', { phase: 'drop', selection: 'sel-1' }));
    await screen.findByRole('dialog', { name: 'Store these files?' });
    await act(() => shell.emit('drop', { phase: 'drop', selection: 'sel-2' }));
    await waitFor(() => expect(shell.requests('selection_drop')).toEqual([{ selection: 'sel-1' }]));
    await waitFor(() => expect(shell.requests('selection_review').at(-1)).toEqual({ selection: 'sel-2' }));
  });

  it('go away without a trace when they leave', async () => {
    await showRunning();
    await act(() => shell.emit('drop', { phase: 'enter', count: 1 }));
    await act(() => shell.emit('drop', { phase: 'leave' }));
    expect(screen.queryByText('Drop to store in \u2068Library\u2069')).toBeNull();
  });

  it('are forgotten by the shell when the person says no', async () => {
    await showRunning();
    await act(() => shell.emit('drop', { phase: 'drop', selection: 'sel-9' }));
    const sheet = within(await screen.findByRole('dialog', { name: 'Store these files?' }));
    await userEvent.click(sheet.getByRole('button', { name: 'Cancel' }));
    expect(shell.requests('selection_drop')).toEqual([{ selection: 'sel-9' }]);
    expect(shell.requests('upload_start')).toHaveLength(0);
  });
});

describe('a drop that the shell refuses', () => {
  it('is said with its reason on whichever screen, until it is put away', async () => {
    const { container } = await showRunning();
    await act(() => shell.emit('navigate', { to: '/hosting' }));
    await screen.findByRole('heading', { level: 1, name: 'Hosting' });
    await act(() => shell.emit('drop', { phase: 'enter', count: 10_001 }));
    await act(() => shell.emit('drop', { phase: 'drop', count: 10_001, refused: TOO_MANY }));
    expect(screen.queryByText('Drop to store in \u2068Library\u2069')).toBeNull();
    await screen.findByText('These are more than 10 000 items.');
    expect(screen.getByText('What you dropped was not taken.')).toBeDefined();
    await expectAccessible(container);
    expect(screen.queryByRole('button', { name: 'Try again' })).toBeNull();
    await userEvent.click(screen.getByRole('button', { name: 'Close' }));
    expect(screen.queryByText('These are more than 10 000 items.')).toBeNull();
  });

  it('is forgotten once something else is stored', async () => {
    await showRunning();
    await act(() => shell.emit('drop', { phase: 'drop', refused: TOO_MANY }));
    await screen.findByText('These are more than 10 000 items.');
    await act(() => shell.emit('drop', { phase: 'drop', selection: 'sel-9' }));
    await review();
    expect(screen.queryByText('These are more than 10 000 items.')).toBeNull();
  });
});

describe('a drop while something comes first', () => {
  it('is let go, and the person is told when to drop again', async () => {
    shell.view = exampleViews.no_identity;
    shell.phraseConfirmed = false;
    const { container } = render(<App />);
    await userEvent.click(await screen.findByRole('radio', { name: /Create a new/u }));
    await userEvent.click(await screen.findByRole('radio', { name: /Try it on this/u }));
    await userEvent.click(screen.getByRole('button', { name: 'Create' }));
    await act(() => shell.emit('node-view', exampleViews.running));
    await screen.findByRole('heading', { name: 'Your recovery phrase' });
    await act(() => shell.emit('drop', { phase: 'drop', count: 2, selection: 'sel-9' }));
    await screen.findByText(LATER);
    expect(shell.requests('selection_drop')).toEqual([{ selection: 'sel-9' }]);
    await expectAccessible(container);
    await userEvent.click(screen.getByRole('button', { name: 'Close' }));
    expect(screen.queryByText(LATER)).toBeNull();
    await act(() => shell.emit('drop', { phase: 'drop', refused: TOO_MANY }));
    await screen.findByText('These are more than 10 000 items.');
  });
});

describe('a drop while no node runs', () => {
  it.each(['starting', 'locked', 'failed'] as const)(
    'is let go, and the person is told: %s',
    async (phase) => {
      shell.view = exampleViews[phase];
      const { container } = render(<App />);
      await screen.findByRole('heading', { name: 'Layr' });
      await act(() => shell.emit('drop', { phase: 'drop', count: 2, selection: 'sel-9' }));
      await screen.findByText('Nothing can be stored yet. Drop them again when your library is shown.');
      expect(shell.requests('selection_drop')).toEqual([{ selection: 'sel-9' }]);
      await expectAccessible(container);
    },
  );
});

describe('a drop after another', () => {
  it('says nothing of why the earlier upload did not begin', async () => {
    shell.on('upload_start', () => {
      throw fakeError('not_enough_space', 'No host has room.', 'after_user_action');
    });
    await showRunning();
    await act(() => shell.emit('drop', { phase: 'drop', selection: 'sel-1' }));
    const sheet = await review();
    await sheet.findByText('5.2 GB');
    await userEvent.click(sheet.getByRole('button', { name: 'Store' }));
    await sheet.findByText('No host has room.');
    await act(() => shell.emit('drop', { phase: 'drop', selection: 'sel-2' }));
    await waitFor(() => expect(shell.requests('selection_review').at(-1)).toEqual({ selection: 'sel-2' }));
    expect(screen.queryByText('No host has room.')).toBeNull();
  });
});

describe('a drop while another begins', () => {
  it('leaves the failure of that one to be read and tried again', async () => {
    const answers: ((fails: boolean) => void)[] = [];
    shell.on('upload_start', async () => {
      if (await new Promise<boolean>((resolve) => answers.push(resolve))) {
        throw fakeError('not_enough_space', 'No host has room.', 'after_user_action');
      }
      return { transfer: 9 };
    });
    await showRunning();
    await act(() => shell.emit('drop', { phase: 'drop', selection: 'sel-1' }));
    const sheet = await review();
    await sheet.findByText('5.2 GB');
    const store = sheet.getByRole<HTMLButtonElement>('button', { name: 'Store' });
    await userEvent.click(store);
    await waitFor(() => expect(answers).toHaveLength(1));
    await act(() => shell.emit('drop', { phase: 'drop', selection: 'sel-2' }));
    await waitFor(() => expect(shell.requests('selection_review').at(-1)).toEqual({ selection: 'sel-2' }));
    expect(store.disabled).toBe(true);
    await act(async () => answers.shift()?.(true));
    await screen.findByText('No host has room.');
    expect(sheet.queryByText('No host has room.')).toBeNull();
    expect(store.disabled).toBe(false);
    expect(shell.requests('selection_drop')).toEqual([]);
    await userEvent.click(sheet.getByText('Cancel'));
    await userEvent.click(screen.getByText('Try again'));
    await waitFor(() => expect(answers).toHaveLength(1));
    await act(async () => answers.shift()?.(false));
    await screen.findByText('The upload is in Transfers.');
    expect(shell.requests('upload_start')).toEqual([{ selection: 'sel-1' }, { selection: 'sel-1' }]);
    expect(screen.queryByText('No host has room.')).toBeNull();
  });
});

describe('files that could not be counted', () => {
  it('are counted again, which is seen', async () => {
    shell.on('selection_review', () => {
      throw fakeError('local_file', 'The disk was removed.', 'after_user_action');
    });
    await showRunning();
    await act(() => shell.emit('drop', { phase: 'drop', selection: 'sel-1' }));
    const sheet = await review();
    await sheet.findByText('The disk was removed.');
    shell.on('selection_review', () => new Promise(() => undefined));
    await userEvent.click(sheet.getByRole('button', { name: 'Try again' }));
    await sheet.findByText(/^Counting and measuring/u);
    expect(sheet.queryByText('The disk was removed.')).toBeNull();
    expect(sheet.getByRole<HTMLButtonElement>('button', { name: 'Store' }).disabled).toBe(true);
  });
});

describe('what was said of an upload', () => {
  it('goes when its transfers are shown', async () => {
    await showRunning();
    await act(() => shell.emit('drop', { phase: 'drop', selection: 'sel-9' }));
    const sheet = await review();
    await sheet.findByText('5.2 GB');
    await userEvent.click(sheet.getByRole('button', { name: 'Store' }));
    await screen.findByText('The upload is in Transfers.');
    await userEvent.click(screen.getByRole('button', { name: 'Show transfers' }));
    await screen.findByRole('heading', { level: 1, name: 'Transfers' });
    expect(screen.queryByText('The upload is in Transfers.')).toBeNull();
  });
});
