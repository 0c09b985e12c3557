import { act, render, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it } from 'vitest';

import { expectAccessible } from '../testing/accessibility';
import { exampleViews } from '../testing/examples';
import { fakePreview, fakeTransfer } from '../testing/fakeReports';
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

describe('closing the window', () => {
  it('asks once what it shall mean, with keeping on as the harmless answer', async () => {
    await showRunning();
    await act(() => shell.emit('close-asked', null));
    const sheet = within(await screen.findByRole('alertdialog', { name: 'Keep Layr running?' }));
    const keep = sheet.getByRole('button', { name: 'Keep running' });
    await waitFor(() => expect(document.activeElement).toBe(keep));
    // In a small window keys scroll what it says.
    expect(sheet.getByText(/The icon in the tray/u).closest('[tabindex="0"]')).not.toBeNull();
    await expectAccessible(document.body);
    await userEvent.click(keep);
    await waitFor(() => expect(screen.queryByRole('alertdialog')).toBeNull());
    expect(shell.requests('close_decided')).toEqual([{ keep_running: true }]);
    expect(shell.requests('close_dismissed')).toHaveLength(0);
  });

  it('can quit, also while no node runs, and says why it did not', async () => {
    shell.view = exampleViews.locked;
    shell.on('close_decided', () => {
      throw fakeError('local_file', 'The settings cannot be written.', 'after_user_action');
    });
    render(<App />);
    await screen.findByLabelText('Passphrase');
    await act(() => shell.emit('close-asked', null));
    await userEvent.click(await screen.findByRole('button', { name: 'Quit' }));
    await screen.findByText('The settings cannot be written.');
    expect(shell.requests('close_decided')).toEqual([{ keep_running: false }]);
  });

  it('decides nothing when the question is put away', async () => {
    await showRunning();
    await act(() => shell.emit('close-asked', null));
    await screen.findByRole('alertdialog');
    await userEvent.keyboard('{Escape}');
    expect(screen.queryByRole('alertdialog')).toBeNull();
    expect(shell.requests('close_decided')).toHaveLength(0);
    expect(shell.requests('close_dismissed')).toHaveLength(1);
  });
});

describe('what was chosen in the tray', () => {
  it('leads to the folder of an upload', async () => {
    await showRunning();
    // As the tray writes it: src-tauri/src/tray/content.rs.
    const to = '/library?dir=%22%2FFotos+M%C3%BCller%2F50%25+%26+%5C%22mehr%5C%22%2B%22';
    await act(() => shell.emit('navigate', { to }));
    await waitFor(() =>
      expect(shell.requests('library_page').at(-1)).toMatchObject({ dir: '/Fotos Müller/50% & "mehr"+' }),
    );
  });

  it('is called what it is when it was not done', async () => {
    await showRunning();
    const error = fakeError('no_node', 'The node does not run.', 'automatic');
    await act(() => shell.emit('refused', { action: 'pause', error }));
    const notice = within(await screen.findByRole('alert'));
    expect(notice.getByText('The transfers were not paused.')).toBeDefined();
    expect(notice.getByText('The node does not run.')).toBeDefined();
    await act(() => shell.emit('refused', { action: 'upload', error }));
    expect(notice.getByText('No files could be chosen.')).toBeDefined();
    await userEvent.click(notice.getByRole('button', { name: 'Close' }));
    expect(screen.queryByRole('alert')).toBeNull();
  });

  it('keeps the window where the state of the node cannot be read', async () => {
    await showRunning();
    await act(() => shell.emit('node-view', exampleViews.running_unread));
    await screen.findByText(/The node runs, but its state cannot be read/u);
    screen.getByRole('grid', { name: 'Files and folders' });
  });
});

describe('what is opened from outside', () => {
  it('is asked for at the start, shown with what is in it, and imported only after a yes', async () => {
    shell.opened = fakePreview({
      from: '/home/ada/photo\u202Egpj.layr',
      names: ['/a\u202Eb'],
      files: 1,
      token: 'imp-7',
    });
    render(<App />);
    const sheet = within(await screen.findByRole('dialog', { name: 'Import into the library?' }));
    expect(sheet.getByText('/home/ada/photo\uFFFDgpj.layr')).toBeDefined();
    expect(sheet.getByText('/a\uFFFDb')).toBeDefined();
    expect(sheet.getByText('120 kB')).toBeDefined();
    expect(sheet.getByText(/only if you expected it/u)).toBeDefined();
    await expectAccessible(document.body);
    expect(shell.requests('import_confirm')).toHaveLength(0);
    await userEvent.click(sheet.getByRole('button', { name: 'Import' }));
    await screen.findByText('1 item imported.');
    expect(shell.requests('import_confirm')).toEqual([{ token: 'imp-7' }]);
  });

  it('waits while another is shown, the newest in place of those before it, and a no leaves nothing behind', async () => {
    await showRunning();
    shell.opened = fakePreview({ names: ['/first'] });
    await act(() => shell.emit('opened', null));
    await screen.findByText('/first');
    for (const name of ['/second', '/third']) {
      shell.opened = fakePreview({ names: [name] });
      // eslint-disable-next-line no-await-in-loop -- one opened after the other
      await act(() => shell.emit('opened', null));
    }
    expect(screen.getByText('/first')).toBeDefined();
    await userEvent.click(screen.getByRole('button', { name: 'Cancel' }));
    await screen.findByText('/third');
    await userEvent.click(screen.getByRole('button', { name: 'Cancel' }));
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
    expect(shell.requests('import_confirm')).toHaveLength(0);
  });

  it('can be imported once more after that failed, but not when the file has become another', async () => {
    shell.opened = fakePreview({ token: 'imp-7' });
    shell.on('import_confirm', () => {
      throw fakeError('database_unusable', 'The disk is full.', 'after_user_action');
    });
    render(<App />);
    const sheet = within(await screen.findByRole('dialog', { name: 'Import into the library?' }));
    await userEvent.click(sheet.getByRole('button', { name: 'Import' }));
    await sheet.findByText('The disk is full.');
    shell.on('import_confirm', () => {
      throw fakeError('conflict', 'The file has changed.', 'after_user_action');
    });
    await userEvent.click(sheet.getByRole('button', { name: 'Import' }));
    await sheet.findByText('The file has changed.');
    expect(sheet.getByRole<HTMLButtonElement>('button', { name: 'Import' }).disabled).toBe(true);
    expect(shell.requests('import_confirm')).toEqual([{ token: 'imp-7' }, { token: 'imp-7' }]);
  });

  it('says why it cannot be read', async () => {
    shell.on('opened', () => {
      throw fakeError('invalid_manifest', 'This is no manifest.', 'after_user_action');
    });
    await showRunning();
    await screen.findByText('This is no manifest.');
    // The shell has let it go: asking again would find nothing.
    expect(screen.queryByRole('button', { name: 'Try again' })).toBeNull();
    expect(screen.getByText('Nothing was imported. Ask for the file again.')).toBeDefined();
  });
});

describe('the command palette', () => {
  it('has the commands that would do something, and shows when one fails', async () => {
    const person = userEvent.setup();
    shell.on('transfers_pause_for', () => {
      throw fakeError('no_node', 'The node has stopped.', 'after_user_action');
    });
    await showRunning();
    await person.keyboard('{Control>}k{/Control}');
    await screen.findByRole('dialog', { name: 'Commands' });
    const commands = screen.getAllByRole('menuitem').map((item) => item.textContent);
    for (const command of ['Import a manifest…', 'Retry what has failed', 'Quit Layr', 'Show the trash']) {
      expect(commands).toContain(command);
    }
    expect(commands).not.toContain('Resume all transfers');
    await person.keyboard('2 hours{Enter}');
    await screen.findByText('The node has stopped.');
    expect(shell.requests('transfers_pause_for')).toEqual([{ minutes: 120 }]);
  });

  it('offers a retry only where something can be retried', async () => {
    const person = userEvent.setup();
    shell.transfers = {
      paused_all: false,
      transfers: [fakeTransfer({ state: 'failed', retry: 'never' })],
    };
    await showRunning();
    await person.keyboard('{Control>}k{/Control}');
    await screen.findByRole('menuitem', { name: 'Quit Layr' });
    expect(screen.queryByRole('menuitem', { name: 'Retry what has failed' })).toBeNull();
  });
});

describe('the theme', () => {
  it('follows the settings at once, also where no node runs', async () => {
    shell.view = exampleViews.locked;
    shell.settings = { ...shell.settings, theme: 'dark' };
    render(<App />);
    await waitFor(() => expect(document.documentElement.dataset['theme']).toBe('dark'));
    await act(() => shell.emit('node-view', exampleViews.running));
    await screen.findByRole('grid', { name: 'Files and folders' });
    await userEvent.click(rail().getByRole('link', { name: 'Settings' }));
    await userEvent.click(await screen.findByRole('radio', { name: 'Light' }));
    await waitFor(() => expect(document.documentElement.dataset['theme']).toBe('light'));
  });
});
