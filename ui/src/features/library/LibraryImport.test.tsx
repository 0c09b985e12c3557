import { act, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it } from 'vitest';

import type { ImportPreview } from '../../ipc/bindings';
import { App } from '../../app/App';
import { fakePreview } from '../../testing/fakeReports';
import { fakeError } from '../../testing/fakeShell';
import { shellForTests } from '../../testing/shellForTests';
import { show } from '../../testing/show';
import { grid, showLibrary } from './showLibrary';

const shell = shellForTests();

const CHOSEN = fakePreview({ token: 'chosen', names: ['/chosen.odt'], files: 1 });
const OPENED = fakePreview({ token: 'opened', names: ['/opened.odt'], files: 1 });

const sheet = async () => within(await screen.findByRole('dialog', { name: 'Import into the library?' }));

/** The dialog of the system is open when a file is opened outside of the window. */
async function showOpenedMeanwhile() {
  const choices: ((preview: ImportPreview) => void)[] = [];
  shell.on('import_manifest', () => new Promise((resolve) => choices.push(resolve)));
  showLibrary();
  await grid();
  await userEvent.click(screen.getByRole('button', { name: 'Import…' }));
  await waitFor(() => expect(choices).toHaveLength(1));
  shell.opened = OPENED;
  await act(() => shell.emit('opened', null));
  await (await sheet()).findByText('/opened.odt');
  return () => act(async () => choices[0]?.(CHOSEN));
}

/** Confirms what is shown; the answer comes when a test says so. */
async function confirmSlowly() {
  const answers: { resolve: (answer: unknown) => void; reject: (error: unknown) => void }[] = [];
  shell.on('import_confirm', () => new Promise((resolve, reject) => answers.push({ resolve, reject })));
  await userEvent.click((await sheet()).getByRole('button', { name: 'Import' }));
  await waitFor(() => expect(answers).toHaveLength(1));
  return answers;
}

describe('the import of a copied link', () => {
  it('that is never answered is not in the way of a file', async () => {
    shell.on('import_copied', () => new Promise(() => undefined));
    shell.on('import_manifest', () => CHOSEN);
    showLibrary();
    await grid();
    await userEvent.click(screen.getByRole('button', { name: 'Import a copied link…' }));
    await waitFor(() => expect(shell.requests('import_copied')).toHaveLength(1));
    await userEvent.click(screen.getByRole('button', { name: 'Import…' }));
    await (await sheet()).findByText('/chosen.odt');
  });

  it('shows what it would bring, and the shell keeps the link', async () => {
    showLibrary();
    await grid();
    await userEvent.click(screen.getByRole('button', { name: 'Import a copied link…' }));
    await (await sheet()).findByText('/shared/plan.odt');
    expect(shell.requests('import_copied')).toEqual([undefined]);
    expect(shell.requests('import_manifest')).toEqual([]);
    await userEvent.click((await sheet()).getByRole('button', { name: 'Import' }));
    await screen.findByText('40 items imported.');
  });

  it('that others made for themselves asks nobody to check what they typed', async () => {
    shell.on('import_copied', () => {
      throw fakeError('wrong_key', 'It opens only with the recovery phrase that it was made with.', 'never');
    });
    show(<App />);
    await grid();
    await userEvent.click(screen.getByRole('button', { name: 'Import a copied link…' }));
    await screen.findByText(/Only whoever made it can open it/u);
    expect(screen.queryByText(/what you typed/u)).toBeNull();
  });

  it('is a command, and says that the clipboard holds none', async () => {
    shell.on('import_copied', () => {
      throw fakeError('invalid_request', 'The clipboard holds no layr:// link.', 'after_user_action');
    });
    show(<App />);
    await grid();
    await userEvent.keyboard('{Control>}k{/Control}');
    await screen.findByRole('dialog', { name: 'Commands' });
    await userEvent.keyboard('copied link{Enter}');
    await screen.findByText('The clipboard holds no layr:// link.');
    shell.on('import_copied', () => CHOSEN);
    await userEvent.click(screen.getByRole('button', { name: 'Try again' }));
    await (await sheet()).findByText('/chosen.odt');
  });
});

describe('an import in whose place another one comes', () => {
  it('is let go of', async () => {
    const choose = await showOpenedMeanwhile();
    await choose();
    await (await sheet()).findByText('/chosen.odt');
    expect(shell.requests('selection_drop')).toEqual([{ selection: 'opened' }]);
    await userEvent.click((await sheet()).getByRole('button', { name: 'Import' }));
    await screen.findByText('1 item imported.');
    expect(shell.requests('import_confirm')).toEqual([{ token: 'chosen' }]);
    expect(shell.requests('selection_drop')).toHaveLength(1);
  });

  it('ends without taking the other one with it', async () => {
    const choose = await showOpenedMeanwhile();
    const answers = await confirmSlowly();
    await choose();
    await (await sheet()).findByText('/chosen.odt');
    expect((await sheet()).getByRole<HTMLButtonElement>('button', { name: 'Import' }).disabled).toBe(true);
    expect(shell.requests('selection_drop')).toEqual([]);
    await act(async () => answers[0]?.resolve({}));
    await screen.findByText('1 item imported.');
    expect((await sheet()).getByText('/chosen.odt')).toBeDefined();
    await userEvent.click((await sheet()).getByRole('button', { name: 'Import' }));
    await waitFor(() => expect(shell.requests('import_confirm').at(-1)).toEqual({ token: 'chosen' }));
  });

  it('says in the window, not on the sheet of the other one, that it failed', async () => {
    const choose = await showOpenedMeanwhile();
    const answers = await confirmSlowly();
    await choose();
    await act(async () => answers[0]?.reject(fakeError('invalid_manifest', 'It is cut off.')));
    await screen.findByText('It is cut off.');
    expect((await sheet()).queryByText('It is cut off.')).toBeNull();
    await userEvent.click((await sheet()).getByRole('button', { name: 'Cancel' }));
    expect(screen.getByText('It is cut off.')).toBeDefined();
    expect(shell.requests('selection_drop')).toEqual([{ selection: 'chosen' }]);
    await userEvent.click(screen.getByRole('button', { name: 'Close' }));
    expect(shell.requests('selection_drop').at(-1)).toEqual({ selection: 'opened' });
  });
});

/** The clipboard is slow, and a file is opened from outside meanwhile. */
async function showLinkBehindSheet() {
  const links: ((preview: ImportPreview) => void)[] = [];
  shell.on('import_copied', () => new Promise((resolve) => links.push(resolve)));
  showLibrary();
  await grid();
  await userEvent.click(screen.getByRole('button', { name: 'Import a copied link…' }));
  await waitFor(() => expect(links).toHaveLength(1));
  shell.opened = OPENED;
  await act(() => shell.emit('opened', null));
  await (await sheet()).findByText('/opened.odt');
  await act(async () => links[0]?.(CHOSEN));
  expect((await sheet()).getByText('/opened.odt')).toBeDefined();
}

describe('a copied link that comes while something else is looked at', () => {
  it('does not take the place of it under a yes, and follows when it is imported', async () => {
    await showLinkBehindSheet();
    await userEvent.click((await sheet()).getByRole('button', { name: 'Import' }));
    await (await sheet()).findByText('/chosen.odt');
    expect(shell.requests('import_confirm')).toEqual([{ token: 'opened' }]);
    await userEvent.click((await sheet()).getByRole('button', { name: 'Import' }));
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
    expect(shell.requests('import_confirm').at(-1)).toEqual({ token: 'chosen' });
    expect(shell.requests('selection_drop')).toEqual([]);
  });

  it('follows when it is put away', async () => {
    await showLinkBehindSheet();
    await userEvent.click((await sheet()).getByRole('button', { name: 'Cancel' }));
    await (await sheet()).findByText('/chosen.odt');
    expect(shell.requests('selection_drop')).toEqual([{ selection: 'opened' }]);
    await userEvent.click((await sheet()).getByRole('button', { name: 'Cancel' }));
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
    expect(shell.requests('selection_drop').at(-1)).toEqual({ selection: 'chosen' });
  });
});
