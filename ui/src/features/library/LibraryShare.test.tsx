import { render, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it } from 'vitest';

import { App } from '../../app/App';
import { expectAccessible } from '../../testing/accessibility';
import { fakeError } from '../../testing/fakeShell';
import { shellForTests } from '../../testing/shellForTests';
import { row, showLibrary } from './showLibrary';

const shell = shellForTests();

const pane = () => within(screen.getByRole('complementary', { name: 'Details' }));

describe('a link', () => {
  it('is copied from the details, and who has it can read what it leads to', async () => {
    const { container } = showLibrary();
    await userEvent.click(await row(/000000 report/u));
    await userEvent.click(await pane().findByRole('button', { name: 'Copy link' }));
    await screen.findByText('The link is on the clipboard. Whoever has it can read the file.');
    await expectAccessible(container);
    await userEvent.click(await row(/photos/u));
    await userEvent.click(await pane().findByRole('button', { name: 'Copy link' }));
    await screen.findByText(/Whoever has it can read everything in the folder\./u);
    expect(shell.requests('share_copy')).toEqual([{ name: '0000000000000000' }, { name: 'folder/photos' }]);
  });

  it('that is too long is not claimed to be copied', async () => {
    showLibrary();
    await userEvent.click(await row(/000000 report/u));
    await userEvent.click(await pane().findByRole('button', { name: 'Copy link' }));
    await screen.findByText(/on the clipboard/u);
    shell.on('share_copy', () => {
      throw fakeError('invalid_request', 'The link would be too long: export a .layr file instead.');
    });
    await userEvent.click(await pane().findByRole('button', { name: 'Copy link' }));
    await screen.findByText('The link would be too long: export a .layr file instead.');
    expect(screen.queryByText(/on the clipboard/u)).toBeNull();
  });

  it('is a command for one row, and none for several', async () => {
    const person = userEvent.setup();
    render(<App />);
    await person.click(await row(/000000 report/u));
    await person.keyboard('{Control>}k{/Control}');
    await screen.findByRole('dialog', { name: 'Commands' });
    await person.keyboard('copy link{Enter}');
    await waitFor(() => expect(shell.requests('share_copy')).toHaveLength(1));
    (await screen.findByRole('grid')).focus();
    await person.keyboard('{Control>}a{/Control}');
    await screen.findByText('42 items selected');
    await person.keyboard('{Control>}k{/Control}');
    await screen.findByRole('dialog', { name: 'Commands' });
    expect(screen.queryByRole('menuitem', { name: /Copy link/u })).toBeNull();
    expect(screen.getByRole('menuitem', { name: 'Check now: 42 items' })).toBeDefined();
  });
});
