import { act, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it } from 'vitest';

import { App } from '../../app/App';
import { fakeFile } from '../../testing/fakeLibrary';
import { fakeCheck } from '../../testing/fakeReports';
import { fakeError } from '../../testing/fakeShell';
import { shellForTests } from '../../testing/shellForTests';
import { show } from '../../testing/show';
import { row, showLibrary } from './showLibrary';

const shell = shellForTests();

/** A name from right to left, which would draw the figures beside it to its other side. */
const NAME = 'שלום';
const ISOLATED = `\u2068${NAME}\u2069`;

/** As the node fails: it names what it was given. */
function fail({ name, names: [first] = [name] }: { name: string; names?: string[] }): never {
  throw fakeError('not_found', `There is no “${first}” here.`, 'never');
}

describe('a row', () => {
  it('is named in what failed as it is in the list, and never by its id', async () => {
    const person = userEvent.setup();
    const words = 'There is no “\u2068000000 report.pdf\u2069” here.';
    shell.on('download_start', fail).on('files_verify', fail).on('share_copy', fail).on('files_remove', fail);
    showLibrary();
    await person.click(await row(/000000 report/u));
    for (const name of ['Download…', 'Check now', 'Copy link']) {
      // One after the other: the second says the same.
      // eslint-disable-next-line no-await-in-loop
      await person.click(await screen.findByRole('button', { name }));
    }
    await waitFor(() => expect(screen.getAllByText(words)).toHaveLength(3));
    await person.click(screen.getByRole('button', { name: 'Remove…' }));
    await person.click(await screen.findByRole('button', { name: 'Move to trash' }));
    await within(screen.getByRole('alertdialog')).findByText(words);
    expect(document.body.textContent).not.toContain('“0000');
  });
});

describe('a name from right to left', () => {
  it('moves no figure of what a check found', async () => {
    shell.files = [fakeFile({ name: `/${NAME}`, id: '1' })];
    shell.on('files_verify', () => fakeCheck({ passed: 12, missing: 3 }));
    showLibrary();
    await userEvent.click(await row(/שלום/u));
    await userEvent.click(await screen.findByRole('button', { name: 'Check now' }));
    const note = await screen.findByText(/12 of 15 parts/u);
    expect(note.textContent).toContain(`${ISOLATED}: 12 of 15 parts`);
  });

  it('moves no word of what was restored', async () => {
    shell.trash = [fakeFile({ name: `/${NAME}`, id: '1', deleted: '2026-11-19T09:00:00Z' })];
    shell.on('file_restore', () => ({ name: `/${NAME} 2` }));
    showLibrary({ isTrash: true });
    await userEvent.click(await row(/שלום/u));
    await userEvent.click(screen.getByRole('button', { name: 'Restore' }));
    await screen.findByText(`Restored as \u2068/${NAME} 2\u2069.`);
  });

  it('moves no word of where a drop goes', async () => {
    window.location.hash = `#/library?dir=${encodeURIComponent(`/${NAME}`)}`;
    show(<App />);
    await screen.findByRole('heading', { level: 1, name: NAME });
    await act(() => shell.emit('drop', { phase: 'enter', count: 12 }));
    await screen.findByText(`Drop to store in \u2068/${NAME}\u2069`);
  });
});
