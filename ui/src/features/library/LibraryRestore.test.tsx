import { act, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it } from 'vitest';

import { App } from '../../app/App';
import { expectAccessible } from '../../testing/accessibility';
import { fakeFile } from '../../testing/fakeLibrary';
import { fakeError } from '../../testing/fakeShell';
import { shellForTests } from '../../testing/shellForTests';
import { show } from '../../testing/show';
import { grid, row } from './showLibrary';

const shell = shellForTests();

const removed = (count: number) =>
  Array.from({ length: count }, (_, index) =>
    fakeFile({ name: `/plan ${index}.odt`, id: `t${index}`, deleted: '2026-11-19T09:00:00Z' }),
  );

/** Restores that end one by one, when a test says so. */
function heldRestores() {
  const held: (() => void)[] = [];
  shell.on('file_restore', async ({ name }: { name: string }) => {
    await new Promise<void>((resolve) => held.push(resolve));
    return { name };
  });
  return async () => {
    await waitFor(() => expect(held.length).toBeGreaterThan(0));
    await act(async () => held.shift()?.());
  };
}

async function showTrash() {
  window.location.hash = '#/library?trash=true';
  show(<App />);
  return grid();
}

describe('a restore', () => {
  it('goes on past what cannot be restored, and says on another screen what became of it', async () => {
    const person = userEvent.setup();
    shell.trash = removed(20);
    shell.on('file_restore', ({ name }: { name: string }) => {
      if (/^t(?:[3-9]|1[2-4])$/u.test(name)) {
        throw fakeError('conflict', `“${name}” exists already.`, 'after_user_action');
      }
      return { name };
    });
    const table = await showTrash();
    table.focus();
    await row(/plan 0\.odt/u);
    await person.keyboard('{Control>}a{/Control}');
    await person.click(await screen.findByRole('button', { name: 'Restore' }));
    await person.click(screen.getByRole('link', { name: /Settings/u }));
    await screen.findByText('10 items restored.');
    const notice = within(screen.getByRole('alert'));
    expect(notice.getByText('10 items could not be restored.')).toBeDefined();
    expect(notice.getAllByRole('listitem')).toHaveLength(9);
    expect(notice.getByText('and 2 more')).toBeDefined();
    expect(notice.getByText(/plan 3\.odt.*“\u2068t3\u2069” exists already\./u)).toBeDefined();
    expect(notice.getByText(/rename or remove what is in its place/u)).toBeDefined();
    await expectAccessible(document.body);
    shell.on('file_restore', ({ name }: { name: string }) => ({ name }));
    await person.click(notice.getByRole('button', { name: 'Try again' }));
    await waitFor(() => expect(screen.queryByRole('alert')).toBeNull());
    expect(shell.requests('file_restore')).toHaveLength(30);
  });

  it('says how far it is, on every screen', async () => {
    const person = userEvent.setup();
    shell.trash = removed(3);
    const next = heldRestores();
    (await showTrash()).focus();
    await row(/plan 0\.odt/u);
    await person.keyboard('{Control>}a{/Control}');
    await person.click(await screen.findByRole('button', { name: 'Restore' }));
    await screen.findByText('Restoring 3 items from the trash.');
    expect(screen.getByText('0 of 3')).toBeDefined();
    await next();
    await person.click(screen.getByRole('button', { name: 'Back to the library' }));
    await screen.findByText('1 of 3');
    await next();
    await next();
    await screen.findByText('3 items restored.');
    expect(screen.queryByText(/from the trash\.$/u)).toBeNull();
  });

  it('can be stopped, and says what is left', async () => {
    const person = userEvent.setup();
    shell.trash = removed(3);
    const next = heldRestores();
    (await showTrash()).focus();
    await row(/plan 0\.odt/u);
    await person.keyboard('{Control>}a{/Control}');
    await person.click(await screen.findByRole('button', { name: 'Restore' }));
    await person.click(await screen.findByRole('button', { name: 'Stop restoring' }));
    await screen.findByText(/It stops after the item that it is at\./u);
    await next();
    await screen.findByText('Stopped: 1 item restored, 2 items not tried and still in the trash.');
    expect(shell.requests('file_restore')).toEqual([{ name: 't0' }]);
    // The next one is not stopped by it.
    await person.click(screen.getByRole('button', { name: 'Restore' }));
    await next();
    await next();
    await screen.findByText('2 items restored.');
  });

  it('leaves a sheet open that was opened meanwhile, with what is typed in it', async () => {
    const person = userEvent.setup();
    shell.trash = removed(1);
    const next = heldRestores();
    await showTrash();
    await person.click(await row(/plan 0\.odt/u));
    await person.click(await screen.findByRole('button', { name: 'Restore' }));
    await person.click(screen.getByRole('button', { name: 'Back to the library' }));
    await person.click(await row(/000000 report/u));
    await person.click(await screen.findByRole('button', { name: 'Rename…' }));
    await person.type(await screen.findByLabelText('New name'), 'x');
    await next();
    await screen.findByText(/Restored as/u);
    expect(screen.getByLabelText<HTMLInputElement>('New name').value).toBe('000000 report.pdfx');
  });

  it('leaves what was chosen meanwhile chosen, and the focus where it is', async () => {
    const person = userEvent.setup();
    shell.trash = removed(3);
    const next = heldRestores();
    await showTrash();
    await person.click(await row(/plan 0\.odt/u));
    await person.click(await screen.findByRole('button', { name: 'Restore' }));
    await person.click(await row(/plan 2\.odt/u));
    const search = screen.getByLabelText('Search the trash');
    await person.click(search);
    await next();
    await screen.findByText(/Restored as/u);
    expect((await row(/plan 2\.odt/u)).getAttribute('aria-selected')).toBe('true');
    await act(() => new Promise((resolve) => setTimeout(resolve, 60)));
    expect(document.activeElement).toBe(search);
  });
});
