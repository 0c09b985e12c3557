import { act, render, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it } from 'vitest';

import { expectAccessible } from '../testing/accessibility';
import { runningView } from '../testing/examples';
import { fakeError } from '../testing/fakeShell';
import { shellForTests } from '../testing/shellForTests';
import { App } from './App';

const shell = shellForTests();

async function showRunning() {
  const page = render(<App />);
  await screen.findByRole('grid', { name: 'Files and folders' });
  return page;
}

const rail = () => within(screen.getByRole('navigation', { name: 'Screens' }));

describe('the rail', () => {
  it('counts what is open in the activity, and puts what needs the person first', async () => {
    shell.view = runningView({ transfers: [] });
    await showRunning();
    await screen.findByRole('img', { name: '2 open' });
    expect(rail().getByText('Needs you')).toBeDefined();
    await userEvent.click(rail().getByRole('link', { name: /Activity/u }));
    await userEvent.click(await screen.findByRole('button', { name: /^Open: This computer/u }));
    await screen.findByRole('heading', { level: 1, name: 'Transfers' });
    shell.entries = [];
    await act(() => shell.emit('activity-changed', null));
    await waitFor(() => expect(screen.queryByRole('img', { name: /open/u })).toBeNull());
    // The whole list is for its own screen alone.
    expect(shell.requests('activity')).toHaveLength(1);
  });

  it('does not take what could not be read for nothing, at first or later', async () => {
    shell.view = runningView({ transfers: [] });
    shell.transfers = { paused_all: false, transfers: [] };
    shell.entries = [];
    shell.on('activity_counts', () => {
      throw fakeError('database_unusable', 'The disk is full.');
    });
    await showRunning();
    await screen.findByRole('img', { name: 'The activity could not be read.' });
    expect(rail().getByText('Waiting')).toBeDefined();
    // While it is asked for again nobody knows more than before.
    const ends: (() => void)[] = [];
    shell.on(
      'activity_counts',
      () => new Promise((_, reject) => ends.push(() => reject(fakeError('database_unusable', 'Full.')))),
    );
    await act(() => shell.emit('activity-changed', null));
    await waitFor(() => expect(ends).toHaveLength(1));
    expect(rail().getByText('The activity could not be read.')).toBeDefined();
    await act(async () => ends.forEach((end) => end()));
    expect(rail().getByText('The activity could not be read.')).toBeDefined();
    shell.on('activity_counts', () => ({ unresolved: 0, open_actions: 0 }));
    await act(() => shell.emit('activity-changed', null));
    await rail().findByText('Safe');
    expect(screen.queryByRole('img', { name: /activity/u })).toBeNull();
    shell.on('activity_counts', () => {
      throw fakeError('database_unusable', 'The disk is full.');
    });
    await act(() => shell.emit('activity-changed', null));
    await rail().findByText('Waiting');
    await expectAccessible(document.body);
  });

  it('waits for the first answers before it says that all is well', async () => {
    shell.view = runningView({ transfers: [] });
    const answers: (() => void)[] = [];
    const late = (answer: unknown) => () =>
      new Promise((resolve) => {
        answers.push(() => resolve(answer));
      });
    shell.on('transfers', late({ paused_all: false, transfers: [] }));
    shell.on('activity_counts', late({ unresolved: 0, open_actions: 0 }));
    await showRunning();
    expect(rail().getByText('Waiting')).toBeDefined();
    expect(rail().getAllByRole('img', { name: 'Asking the node…' })).toHaveLength(2);
    await act(async () => answers.forEach((answer) => answer()));
    await rail().findByText('Safe');
    expect(rail().queryByRole('img', { name: 'Asking the node…' })).toBeNull();
  });

  it('does not take a queue that could not be read for an empty one', async () => {
    shell.view = runningView({ transfers: [] });
    shell.entries = [];
    shell.on('transfers', () => {
      throw fakeError('database_unusable', 'The disk is full.');
    });
    await showRunning();
    await screen.findByRole('img', { name: 'The transfers could not be read.' });
    expect(rail().getByText('Waiting')).toBeDefined();
    await act(() => shell.emit('transfers', { paused_all: false, transfers: [] }));
    await rail().findByText('Safe');
  });

  it('does not take a phrase of which nobody knows for a confirmed one, and asks again', async () => {
    shell.phraseConfirmed = false;
    shell.view = runningView({ transfers: [], files: 0, health: null });
    shell.transfers = { paused_all: false, transfers: [] };
    shell.entries = [];
    const answers: (() => unknown)[] = [];
    shell.on('shell_state', () => {
      const answer = answers.shift();
      if (answer === undefined) {
        throw fakeError('database_unusable', 'The disk is full.');
      }
      return answer();
    });
    window.location.hash = '#/settings';
    render(<App />);
    const again = await screen.findByRole('button', { name: /^Whether the recovery phrase is/u });
    expect(rail().getByText('Connected. The list of your files is empty.')).toBeDefined();
    const security = within(await screen.findByRole('region', { name: 'Security' }));
    expect(security.getByRole('alert').textContent).toContain('Whether your recovery phrase is confirmed');
    expect(security.queryByText(/You have confirmed/u)).toBeNull();
    await expectAccessible(document.body);
    answers.push(() => ({ phrase_confirmed: false, restored: false, can_lock: false }));
    await userEvent.click(again);
    await screen.findByRole('link', { name: 'Recovery phrase not confirmed' });
    expect(security.queryByRole('alert')).toBeNull();
    expect(rail().getByText('Connected. Nothing is stored yet.')).toBeDefined();
  });

  it('says by whom and until when everything is paused', async () => {
    shell.entries = [];
    const [transfer] = shell.transfers.transfers;
    shell.transfers = {
      paused_all: true,
      paused_until: '2099-01-01T12:00:00Z',
      transfers: transfer === undefined ? [] : [{ ...transfer, state: 'paused' }],
    };
    await showRunning();
    await rail().findByText('Paused');
    expect(rail().getByText(/Paused by you until .*2099/u)).toBeDefined();
  });
});
