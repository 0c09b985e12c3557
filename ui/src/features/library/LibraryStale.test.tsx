import { act, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it } from 'vitest';

import { App } from '../../app/App';
import { show } from '../../testing/show';
import { fakeFile, fakeFiles } from '../../testing/fakeLibrary';
import { shellForTests } from '../../testing/shellForTests';
import { grid, row } from './showLibrary';

const shell = shellForTests();

/** Another process changes the library. */
async function changeLibrary(change: () => void): Promise<void> {
  change();
  await act(() => shell.emit('library-changed', null));
}

describe('what another process changes while rows are chosen', () => {
  it('is acted on by what was chosen, not by who has its name now', async () => {
    shell.files = [fakeFile({ name: '/a.txt', id: '1' }), fakeFile({ name: '/b.txt', id: '2' })];
    show(<App />);
    await userEvent.click(await row(/a\.txt/u));
    await changeLibrary(() => {
      shell.files = [fakeFile({ name: '/old a.txt', id: '1' }), fakeFile({ name: '/a.txt', id: '2' })];
    });
    await row(/old a\.txt/u);
    expect((await row(/old a\.txt/u)).getAttribute('aria-selected')).toBe('true');
    await userEvent.click(screen.getByRole('button', { name: 'Remove…' }));
    const sheet = within(await screen.findByRole('alertdialog'));
    expect(sheet.getByText('/old a.txt')).toBeDefined();
    await userEvent.click(sheet.getByRole('button', { name: 'Move to trash' }));
    await waitFor(() => expect(shell.requests('files_remove')).toEqual([{ names: ['1'] }]));
  });

  it('is no longer chosen once it is gone, also far below what is shown', async () => {
    const person = userEvent.setup();
    shell.files = fakeFiles(600);
    show(<App />);
    (await grid()).focus();
    await row(/000000 report/u);
    await person.keyboard('{Control>}a{/Control}');
    await screen.findByText(/602 items selected/u);
    await changeLibrary(() => {
      shell.files = shell.files.filter(({ name }) => !/^\/0005[0-9]{2} /u.test(name));
    });
    await screen.findByText(/502 items selected/u);
    await changeLibrary(() => {
      shell.files = [fakeFile({ name: '/new.txt', id: 'new' })];
    });
    await screen.findByText('1 item');
    expect(screen.queryByRole('button', { name: 'Remove…' })).toBeNull();
  });
});
