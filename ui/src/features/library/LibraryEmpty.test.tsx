import { screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it } from 'vitest';

import { expectAccessible } from '../../testing/accessibility';
import { fakeFile } from '../../testing/fakeLibrary';
import { fakeError } from '../../testing/fakeShell';
import { shellForTests } from '../../testing/shellForTests';
import { row, showLibrary } from './showLibrary';

const shell = shellForTests();

describe('without rows', () => {
  it('tells a restored identity that its list is not back, and imports', async () => {
    shell.files = [];
    shell.isRestored = true;
    const { container } = showLibrary();
    await screen.findByRole('heading', { name: 'The list of your files is not back yet' });
    expect(screen.queryByText('Nothing is stored yet')).toBeNull();
    await expectAccessible(container);
    await userEvent.click(screen.getByRole('button', { name: 'Import a manifest…' }));
    await screen.findByRole('dialog', { name: 'Import into the library?' });
  });

  it('says why it could not learn whether a list is still to come back, and asks again', async () => {
    shell.files = [];
    let isBroken = true;
    shell.on('shell_state', () => {
      if (isBroken) {
        throw fakeError('internal', 'The state cannot be read.');
      }
      return { phrase_confirmed: true, restored: false };
    });
    const { container } = showLibrary();
    const alert = await screen.findByRole('alert');
    expect(alert.textContent).toContain('Whether a list of files is still to come back could not be read.');
    expect(alert.textContent).toContain('The state cannot be read.');
    expect(screen.queryByRole('heading', { name: 'Nothing is stored yet' })).toBeNull();
    await expectAccessible(container);
    isBroken = false;
    await userEvent.click(screen.getByRole('button', { name: 'Try again' }));
    await screen.findByRole('heading', { name: 'Nothing is stored yet' });
    expect(screen.queryByRole('alert')).toBeNull();
  });

  it('says where a search looked, and leads out of a filter', async () => {
    const { onState } = showLibrary({ dir: '/photos', state: 'safe' });
    await userEvent.type(await screen.findByLabelText('Search the library'), 'zzz');
    await screen.findByText('No name of what is “Safe” in this folder contains “\u2068zzz\u2069”.');
    await userEvent.click(screen.getByRole('button', { name: 'Show all states' }));
    expect(onState).toHaveBeenCalledWith(undefined);
  });

  it('says of a filter that held nothing what it is called', async () => {
    showLibrary({ state: 'at_risk' });
    await userEvent.type(await screen.findByLabelText('Search the library'), 'zzz');
    await screen.findByText('No name of what is “At risk or needs you” contains “\u2068zzz\u2069”.');
  });

  it('teaches what to do', async () => {
    shell.files = [];
    const { container } = showLibrary();
    await screen.findByRole('heading', { name: 'Nothing is stored yet' });
    await expectAccessible(container);
  });

  it('names an empty folder and an empty trash', async () => {
    shell.trash = [];
    const { unmount } = showLibrary({ dir: '/photos' });
    await screen.findByRole('heading', { name: 'This folder is empty' });
    unmount();
    showLibrary({ isTrash: true });
    await screen.findByRole('heading', { name: 'The trash is empty' });
  });

  it('says what went wrong and tries again', async () => {
    let isBroken = true;
    shell.on('library_page', () => {
      if (isBroken) {
        throw fakeError('database_unusable', 'library.sqlite is damaged');
      }
      return { total: 1, rows: [fakeFile({ name: '/back' })] };
    });
    const { container } = showLibrary();
    await screen.findByText('library.sqlite is damaged');
    await expectAccessible(container);
    isBroken = false;
    await userEvent.click(screen.getByRole('button', { name: 'Try again' }));
    await row(/back/u);
  });
});
