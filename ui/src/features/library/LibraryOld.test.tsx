import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, it } from 'vitest';

import { keys } from '../../ipc/keys';
import { expectAccessible } from '../../testing/accessibility';
import { fakeFile, fakeInfo, fakePage } from '../../testing/fakeLibrary';
import { fakeError } from '../../testing/fakeShell';
import { shellForTests } from '../../testing/shellForTests';
import { grid, row, showLibrary } from './showLibrary';

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

it('details that were asked for anew in vain stay, with a word that they may be old', async () => {
  shell.files = [fakeFile({ name: '/plan.odt', id: '1' })];
  const { container, queryClient } = showLibrary();
  await userEvent.click(await row(/plan\.odt/u));
  const pane = within(screen.getByRole('complementary', { name: 'Details' }));
  await pane.findByText('Parts');
  shell.on('file_info', () => {
    throw fakeError('database_unusable', 'The disk is full.');
  });
  await queryClient.invalidateQueries({ queryKey: keys.file('1') });
  expect((await pane.findByRole('alert')).textContent).toContain('What you see may be out of date.');
  expect(pane.queryByText('This could not be loaded.')).toBeNull();
  expect(pane.getByRole('heading', { level: 2, name: 'plan.odt' })).toBeDefined();
  await expectAccessible(container);
  shell.on('file_info', () => fakeInfo(fakeFile({ name: '/plan.odt', id: '1', version: 7 })));
  await userEvent.click(pane.getByRole('button', { name: 'Try again' }));
  await waitFor(() => expect(pane.queryByRole('alert')).toBeNull());
  expect(pane.getByText('Version').nextElementSibling?.textContent).toBe('7');
});

it('details that were never read say that they could not be loaded, and nothing of old ones', async () => {
  shell.on('file_info', () => {
    throw fakeError('database_unusable', 'The disk is full.');
  });
  showLibrary();
  await userEvent.click(await row(/000000 report/u));
  const pane = within(screen.getByRole('complementary', { name: 'Details' }));
  expect((await pane.findByRole('alert')).textContent).toContain('This could not be loaded.');
  expect(pane.queryByText('What you see may be out of date.')).toBeNull();
  expect(pane.getByRole('button', { name: 'Try again' })).toBeDefined();
});
