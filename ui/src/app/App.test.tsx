import { act, render, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it, vi } from 'vitest';

import { expectAccessible } from '../testing/accessibility';
import { exampleViews, runningView } from '../testing/examples';
import { fakeFile, fakeHealth } from '../testing/fakeLibrary';
import { fakeError } from '../testing/fakeShell';
import { shellForTests } from '../testing/shellForTests';
import { App } from './App';

const shell = shellForTests();

async function showRunning() {
  const page = render(<App />);
  await screen.findByRole('grid', { name: 'Files and folders' });
  return page;
}

describe('the window', () => {
  it('follows the node from one view to the next', async () => {
    shell.view = exampleViews.starting;
    render(<App />);
    await screen.findByText('The node is starting.');
    await act(() => shell.emit('node-view', exampleViews.running));
    await screen.findByRole('grid', { name: 'Files and folders' });
    await act(() => shell.emit('node-view', exampleViews.failed));
    await screen.findByText('library.sqlite is damaged');
  });

  it('shows nothing from before its node stood still', async () => {
    shell.files = [fakeFile({ name: '/before.txt' })];
    const { container } = render(<App />);
    await screen.findByText('before.txt');
    await act(() => shell.emit('node-view', exampleViews.failed));
    await screen.findByText('library.sqlite is damaged');
    shell.files = [fakeFile({ name: '/after.txt' })];
    await act(() => shell.emit('node-view', exampleViews.running));
    await screen.findByText('after.txt');
    expect(container.textContent).not.toContain('before.txt');
  });

  it('says so when the shell does not answer, and asks again', async () => {
    shell.on('node_view', () => {
      throw new Error('denied');
    });
    render(<App />);
    expect((await screen.findByRole('alert')).textContent).toContain('cannot reach its node');
    shell.on('node_view', () => exampleViews.running);
    await userEvent.click(screen.getByRole('button', { name: 'Try again' }));
    await screen.findByRole('grid', { name: 'Files and folders' });
  });

  it('marks when its first screen is drawn, once', async () => {
    performance.clearMarks('layr:shown');
    await showRunning();
    await waitFor(() => expect(performance.getEntriesByName('layr:shown')).toHaveLength(1));
    await act(() => shell.emit('node-view', exampleViews.starting));
    await act(() => shell.emit('node-view', exampleViews.running));
    await screen.findByRole('grid', { name: 'Files and folders' });
    expect(performance.getEntriesByName('layr:shown')).toHaveLength(1);
  });

  it('survives a defect of the page', async () => {
    const silence = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    shell.view = { phase: 'running' } as never;
    render(<App />);
    const told = await screen.findByRole('alert');
    expect(told.textContent).toContain('a defect of Layr');
    expect(within(told).getByText('Something went wrong inside Layr.')).toBeDefined();
    expect(told.querySelector('[class="text"]')?.textContent).not.toContain('undefined');
    shell.view = exampleViews.running;
    silence.mockRestore();
  });

  it.each(['home_in_use', 'failed'] as const)('offers to check again: %s', async (phase) => {
    shell.view = exampleViews[phase];
    const { container } = render(<App />);
    await userEvent.click(await screen.findByRole('button', { name: 'Check again' }));
    expect(shell.requests('retry_start')).toHaveLength(1);
    await expectAccessible(container);
  });

  it('shows the words of a new identity as soon as its node runs, until the person says later', async () => {
    shell.view = exampleViews.no_identity;
    shell.phraseConfirmed = false;
    const { container } = render(<App />);
    await userEvent.click(await screen.findByRole('radio', { name: /Create a new/u }));
    await userEvent.click(await screen.findByRole('radio', { name: /Try it on this/u }));
    await expectAccessible(container);
    await userEvent.click(screen.getByRole('button', { name: 'Create' }));
    await act(() => shell.emit('node-view', exampleViews.starting));
    await screen.findByText('The node is starting.');
    await act(() => shell.emit('node-view', exampleViews.running));
    await screen.findByRole('heading', { name: 'Your recovery phrase' });
    await userEvent.click(screen.getByRole('button', { name: 'Later' }));
    await screen.findByRole('grid', { name: 'Files and folders' });
  });

  it('leads to the keyring that is locked, and asks for no passphrase', async () => {
    shell.view = { ...exampleViews.locked, store: 'keyring' };
    const { container } = render(<App />);
    await screen.findByText('Unlock the keyring of this computer, then check again.');
    expect(screen.queryByLabelText('Passphrase')).toBeNull();
    await expectAccessible(container);
    const again = screen.getByRole('button', { name: 'Check again' });
    expect(again.dataset['look']).toBe('primary');
    await userEvent.click(again);
    expect(shell.requests('retry_start')).toHaveLength(1);
  });

  it('brings back keys that are gone, and goes on as soon as the node runs', async () => {
    shell.view = exampleViews.keys_gone;
    const { container } = render(<App />);
    await screen.findByRole('form', { name: 'Bring your keys back' });
    expect(screen.getByText('The keys of this home are gone.')).toBeDefined();
    await expectAccessible(container);
    await userEvent.click(screen.getByText('Other ways'));
    await userEvent.click(screen.getByRole('button', { name: 'Check again' }));
    expect(shell.requests('retry_start')).toHaveLength(1);
    await act(() => shell.emit('node-view', exampleViews.running));
    // Its library is here: there is no welcome and nothing to import.
    await screen.findByRole('grid', { name: 'Files and folders' });
  });

  it('unlocks sealed keys and keeps a wrong passphrase typed', async () => {
    shell.view = exampleViews.locked;
    shell.on('unlock', () => {
      throw fakeError('wrong_key', 'The passphrase does not open the keys.', 'after_user_action');
    });
    const { container } = render(<App />);
    const field = await screen.findByLabelText('Passphrase');
    await userEvent.type(field, 'almost right{Enter}');
    await screen.findByText('The passphrase does not open the keys.');
    expect(shell.requests('unlock')).toEqual([{ passphrase: 'almost right' }]);
    expect((field as HTMLInputElement).value).toBe('almost right');
    await expectAccessible(container);
  });
});

describe('a running node', () => {
  it('shows the library first, with the state in words', async () => {
    shell.entries = [];
    const { container } = await showRunning();
    const rail = within(screen.getByRole('navigation', { name: 'Screens' }));
    expect(rail.getByText('Uploading')).toBeDefined();
    expect(rail.getByRole('link', { name: /Library/u }).getAttribute('aria-current')).toBe('page');
    await expectAccessible(container);
  });

  it('is never greener than the node', async () => {
    const lost = fakeHealth(9);
    shell.entries = [];
    shell.view = runningView({ transfers: [], health: lost });
    await showRunning();
    const rail = within(screen.getByRole('navigation', { name: 'Screens' }));
    expect(rail.getByText('Needs you')).toBeDefined();
    shell.transfers = { paused_all: false, transfers: [] };
    await act(() => shell.emit('transfers', shell.transfers));
    await act(() => shell.emit('node-view', runningView({ peers: 0 })));
    expect(rail.getByText('Offline')).toBeDefined();
  });

  it.each([
    ['Transfers', 'Transfers'],
    ['Hosting', 'Hosting'],
    ['Network', 'Network'],
    ['Activity', 'Activity'],
    ['Settings', 'Settings'],
  ])('opens %s and stays accessible', async (link, heading) => {
    const { container } = await showRunning();
    await userEvent.click(screen.getByRole('link', { name: new RegExp(link, 'u') }));
    await screen.findByRole('heading', { level: 1, name: heading });
    await expectAccessible(container);
  });

  it('reminds of a phrase that is not confirmed', async () => {
    shell.phraseConfirmed = false;
    await showRunning();
    await userEvent.click(await screen.findByRole('link', { name: 'Recovery phrase not confirmed' }));
    await screen.findByRole('heading', { name: 'Your recovery phrase' });
    expect(shell.requests('phrase_show')).toHaveLength(0);
  });

  it('goes where the shell sends it', async () => {
    await showRunning();
    await act(() => shell.emit('navigate', { to: '/hosting' }));
    await screen.findByRole('heading', { level: 1, name: 'Hosting' });
    await act(() => shell.emit('navigate', { to: '/no/such/screen' }));
    await act(() => shell.emit('navigate', { to: 'https://example.org/' }));
    expect(screen.getByRole('heading', { level: 1, name: 'Hosting' })).toBeDefined();
    await act(() => shell.emit('navigate', { to: '/library?dir=%2Fphotos' }));
    await screen.findByRole('heading', { level: 1, name: 'photos' });
  });
});

describe('a place that the shell wants shown', () => {
  it('is kept while the words of a new identity come first, the last of several', async () => {
    shell.view = exampleViews.no_identity;
    shell.phraseConfirmed = false;
    render(<App />);
    await userEvent.click(await screen.findByRole('radio', { name: /Create a new/u }));
    await userEvent.click(await screen.findByRole('radio', { name: /Try it on this/u }));
    await act(() => shell.emit('navigate', { to: '/hosting' }));
    await userEvent.click(screen.getByRole('button', { name: 'Create' }));
    await act(() => shell.emit('node-view', exampleViews.running));
    await screen.findByRole('heading', { name: 'Your recovery phrase' });
    await act(() => shell.emit('navigate', { to: '/settings' }));
    await userEvent.click(screen.getByRole('button', { name: 'Later' }));
    const name = await screen.findByRole('heading', { level: 1, name: 'Settings' });
    await waitFor(() => expect(document.activeElement).toBe(name));
    // It was wanted once.
    window.location.hash = '#/network';
    await screen.findByRole('heading', { level: 1, name: 'Network' });
    await act(() => shell.emit('node-view', exampleViews.starting));
    await act(() => shell.emit('node-view', exampleViews.running));
    await screen.findByRole('heading', { level: 1, name: 'Network' });
  });
});

describe('the keyboard', () => {
  it('opens the command palette, finds a command and runs it', async () => {
    const person = userEvent.setup();
    await showRunning();
    await person.keyboard('{Control>}k{/Control}');
    await screen.findByRole('dialog', { name: 'Commands' });
    await expectAccessible(document.body);
    await person.keyboard('hosting');
    expect(screen.getAllByRole('menuitem')).toHaveLength(1);
    await person.keyboard('{Enter}');
    await screen.findByRole('heading', { level: 1, name: 'Hosting' });
    expect(screen.queryByRole('dialog')).toBeNull();
  });

  it('exports the whole library from any screen', async () => {
    const person = userEvent.setup();
    await showRunning();
    await person.keyboard('{Control>}3{/Control}{Control>}k{/Control}');
    await screen.findByRole('dialog', { name: 'Commands' });
    await person.keyboard('whole library{Enter}');
    await screen.findByRole('dialog', { name: 'Export the whole library' });
  });

  it('chooses files with Ctrl+O and goes to screens with Ctrl and a digit', async () => {
    const person = userEvent.setup();
    await showRunning();
    await person.keyboard('{Control>}2{/Control}');
    await screen.findByRole('heading', { level: 1, name: 'Transfers' });
    await person.keyboard('{Control>}o{/Control}');
    await screen.findByRole('dialog', { name: 'Store these files?' });
    expect(shell.requests('choose_upload')).toEqual([{ what: 'files' }]);
  });

  it('says on every screen why a dialog of the system did not open', async () => {
    const person = userEvent.setup();
    shell.on('choose_upload', () => {
      throw fakeError('internal', 'There is no portal.', 'after_user_action');
    });
    await showRunning();
    await person.keyboard('{Control>}3{/Control}{Control>}o{/Control}');
    await screen.findByText('There is no portal.');
    await person.click(screen.getByRole('button', { name: 'Close' }));
    expect(screen.queryByText('There is no portal.')).toBeNull();
  });

  it('goes to the search, and opens what is at risk', async () => {
    const person = userEvent.setup();
    await showRunning();
    await person.keyboard('{Control>}f{/Control}');
    expect(document.activeElement).toBe(screen.getByRole('searchbox'));
    await person.selectOptions(screen.getByRole('combobox', { name: 'Show' }), 'At risk or needs you');
    await waitFor(() => expect(window.location.hash).toContain('state=at_risk'));
    await screen.findByRole('grid', { name: 'Files and folders' });
    expect(screen.queryByText('Safe', { selector: '[role=gridcell] *' })).toBeNull();
  });

  it('lists its shortcuts, but lets a question mark be typed', async () => {
    const person = userEvent.setup();
    await showRunning();
    await person.click(screen.getByRole('searchbox'));
    await person.keyboard('?');
    expect(screen.queryByRole('dialog')).toBeNull();
    await person.click(screen.getByRole('button', { name: 'Keyboard shortcuts' }));
    await screen.findByRole('dialog', { name: 'Keyboard shortcuts' });
    await expectAccessible(document.body);
  });
});
