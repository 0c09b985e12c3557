import { screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, it } from 'vitest';

import { keys } from '../../ipc/keys';
import { expectAccessible } from '../../testing/accessibility';
import { fakePage } from '../../testing/fakeLibrary';
import { fakeError } from '../../testing/fakeShell';
import { shellForTests } from '../../testing/shellForTests';
import { grid, showLibrary } from './showLibrary';

const shell = shellForTests();

it('rows that were asked for anew in vain stay, with a word that they may be old', async () => {
  const { container, queryClient } = showLibrary();
  await grid();
  shell.on('library_page', () => {
    throw fakeError('database_unusable', 'The disk is full.');
  });
  await queryClient.invalidateQueries({ queryKey: keys.library });
  await screen.findByText('What you see may be out of date.');
  expect(screen.getByText('The disk is full.')).toBeDefined();
  expect(await grid()).toBeDefined();
  await expectAccessible(container);
  shell.on('library_page', (request) => fakePage(shell.files, request));
  await userEvent.click(screen.getByRole('button', { name: 'Try again' }));
  await waitFor(() => expect(screen.queryByText('What you see may be out of date.')).toBeNull());
});
