import { act, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, describe, expect, it } from 'vitest';

import { keys } from '../../ipc/keys';
import { formatTime } from '../../lib/time';
import { expectAccessible } from '../../testing/accessibility';
import { fakeFile, fakeHealth } from '../../testing/fakeLibrary';
import { fakeError } from '../../testing/fakeShell';
import { shellForTests } from '../../testing/shellForTests';
import { row, showLibrary } from './showLibrary';

const shell = shellForTests();

const FILE = { name: '/work/plan.odt', id: '00000000000000ab' };
const BRING_BACK = 'Bring this version back…';

beforeEach(() => {
  shell.files = [
    fakeFile({ ...FILE, version: 3, size: 30_000 }),
    fakeFile({ name: '/work/new.odt', id: '00000000000000ac' }),
    fakeFile({ name: '/work/photos', id: '00000000000000ad', kind: 'directory', health: null }),
  ];
  shell.older = [
    fakeFile({ ...FILE, version: 1, size: 10_000, modified: '2026-11-01T10:00:00Z', health: fakeHealth(12) }),
    fakeFile({ ...FILE, version: 2, size: 20_000, modified: '2026-11-10T10:00:00Z' }),
  ];
});

const pane = () => within(screen.getByRole('complementary', { name: 'Details' }));
const rows = () => pane().getAllByRole('listitem');

/** Everything about a file, with the versions opened. */
async function showVersions(name = /plan\.odt/u) {
  const page = showLibrary({ dir: '/work' });
  await userEvent.click(await row(name));
  await userEvent.click(await pane().findByText('Versions'));
  return page;
}

describe('the versions of a file', () => {
  it('are asked for when somebody opens them, and told newest first with the current one named', async () => {
    const { container } = showLibrary({ dir: '/work' });
    await userEvent.click(await row(/plan\.odt/u));
    const heading = await pane().findByText('Versions');
    expect(shell.requests('file_versions')).toHaveLength(0);
    await userEvent.click(heading);
    await pane().findByText('Version 3');
    expect(shell.requests('file_versions')).toEqual([{ name: FILE.id }]);
    expect(rows().map(({ textContent }) => textContent)).toEqual([
      `Version 3 current${formatTime('2026-11-20T10:00:00Z')}, 30 kB`,
      `Version 2 ${formatTime('2026-11-10T10:00:00Z')}, 20 kB${BRING_BACK}`,
      `Version 1 ${formatTime('2026-11-01T10:00:00Z')}, 10 kBAt risk${BRING_BACK}`,
    ]);
    expect(pane().getByText('Older versions are kept for 30 days after they were replaced.')).toBeDefined();
    await expectAccessible(container);
  });

  it('say until when an older one is kept', async () => {
    const expires = '2026-12-10T10:00:00Z';
    shell.older = shell.older.map((older) => ({ ...older, expires }));
    await showVersions();
    await pane().findByText('Version 1');
    expect(rows().map((version) => within(version).queryAllByText(/^Kept until/u).length)).toEqual([0, 1, 1]);
    expect(pane().getAllByText(`Kept until ${formatTime(expires)}`)).toHaveLength(2);
  });

  it('are not opened with the next file', async () => {
    showLibrary({ dir: '/work' });
    // What is known of it is shown at once when it is chosen again.
    await userEvent.click(await row(/new\.odt/u));
    await pane().findByRole('heading', { level: 2, name: 'new.odt' });
    await userEvent.click(await row(/plan\.odt/u));
    await userEvent.click(await pane().findByText('Versions'));
    await pane().findByText('Version 3');
    await userEvent.click(await row(/new\.odt/u));
    await pane().findByRole('heading', { level: 2, name: 'new.odt' });
    expect(pane().queryByRole('list')).toBeNull();
    expect(shell.requests('file_versions')).toHaveLength(1);
  });

  it.each(['file', 'symlink'] as const)(
    'are said to be one where there is only one, of a %s',
    async (kind) => {
      shell.files = shell.files.with(1, fakeFile({ name: '/work/new.odt', id: '00000000000000ac', kind }));
      const { container } = await showVersions(/new\.odt/u);
      await pane().findByText('There is one version.');
      expect(pane().queryByText(/^Older versions are kept/u)).toBeNull();
      expect(pane().queryByRole('button', { name: /Bring/u })).toBeNull();
      await expectAccessible(container);
    },
  );

  it('are none of a folder, nor in the trash', async () => {
    const { unmount } = showLibrary({ dir: '/work' });
    await userEvent.click(await row(/photos/u));
    await pane().findByRole('heading', { level: 2, name: 'photos' });
    expect(pane().queryByText('Versions')).toBeNull();
    unmount();
    showLibrary({ isTrash: true });
    await userEvent.click(await row(/plan\.odt/u));
    await pane().findByRole('heading', { level: 2, name: 'plan.odt' });
    expect(pane().queryByText('Versions')).toBeNull();
  });

  it('that cannot be read say so, and are asked for again', async () => {
    shell.on('file_versions', () => {
      throw fakeError('database_unusable', 'The disk is full.');
    });
    const { container } = await showVersions();
    const alert = await pane().findByRole('alert');
    expect(alert.textContent).toContain('The versions could not be read.');
    expect(alert.textContent).toContain('The disk is full.');
    await expectAccessible(container);
    shell.on('file_versions', () => ({ versions: [...shell.files.slice(0, 1), ...shell.older] }));
    await userEvent.click(pane().getByRole('button', { name: 'Try again' }));
    await pane().findByText('Version 3');
  });

  it('follow what changes in the library', async () => {
    const { queryClient } = await showVersions();
    await pane().findByText('Version 3');
    shell.older = [...shell.older, ...shell.files.slice(0, 1)];
    shell.files = shell.files.with(0, fakeFile({ ...FILE, version: 4 }));
    await act(() => queryClient.invalidateQueries({ queryKey: keys.library }));
    await waitFor(() => expect(rows()[0]?.textContent).toMatch(/^Version 4 current/u));
    expect(rows()).toHaveLength(4);
  });
});

async function ask(version: number) {
  await userEvent.click(await pane().findByRole('button', { name: `${BRING_BACK}: Version ${version}` }));
  return within(await screen.findByRole('dialog', { name: `Bring version ${version} back?` }));
}

describe('an old version', () => {
  it('is brought back after a plan and a yes, and the present one stays', async () => {
    await showVersions();
    const sheet = await ask(1);
    expect(sheet.getByText('/work/plan.odt')).toBeDefined();
    expect(sheet.getByText(formatTime('2026-11-01T10:00:00Z'))).toBeDefined();
    expect(sheet.getByText('10 kB')).toBeDefined();
    expect(sheet.getByText('Version 1 becomes the current one.')).toBeDefined();
    expect(
      sheet.getByText('The present one, version 3, stays among the versions for 30 days.'),
    ).toBeDefined();
    await expectAccessible(document.body);
    expect(shell.requests('file_restore')).toHaveLength(0);
    await userEvent.click(sheet.getByRole('button', { name: 'Bring back' }));
    await screen.findByText('Version 1 of \u2068plan.odt\u2069 is the current one.');
    expect(shell.requests('file_restore')).toEqual([{ name: FILE.id, version: 1 }]);
    expect(screen.queryByRole('dialog')).toBeNull();
    const words = rows().map(({ textContent }) => textContent);
    expect(words.map((text) => text?.includes('current'))).toEqual([false, false, true]);
    expect(screen.getByText('1 item selected')).toBeDefined();
  });

  it.each([
    [30, 0, 0],
    [12, 1, 0],
    [9, 0, 1],
  ])('says in the plan how it is, with %d parts left', async (alive, atRisk, lost) => {
    shell.older = shell.older.with(0, fakeFile({ ...FILE, version: 1, health: fakeHealth(alive) }));
    await showVersions();
    const sheet = await ask(1);
    expect(sheet.queryAllByText('At risk')).toHaveLength(atRisk);
    expect(sheet.queryAllByText('Needs you')).toHaveLength(lost);
    expect(sheet.queryAllByText(/^This version cannot be brought back in full now/u)).toHaveLength(lost);
    await expectAccessible(document.body);
  });

  it('leaves the keyboard in the table, as its button goes while the plan is still shown', async () => {
    await showVersions();
    const sheet = await ask(1);
    const late: (() => void)[] = [];
    shell.on('file_versions', async () => {
      await new Promise<void>((resolve) => late.push(resolve));
      return { versions: [...shell.older, ...shell.files.slice(0, 1)] };
    });
    await userEvent.click(sheet.getByRole('button', { name: 'Bring back' }));
    await waitFor(() => expect(late).toHaveLength(1));
    expect(sheet.getByRole('button', { name: 'Working…' })).toBeDefined();
    await act(async () => late[0]?.());
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
    await waitFor(() => expect(document.activeElement).toBe(screen.getByRole('grid')));
  });

  it('stays where it is without a yes', async () => {
    await showVersions();
    const sheet = await ask(2);
    await userEvent.click(sheet.getByRole('button', { name: 'Cancel' }));
    expect(screen.queryByRole('dialog')).toBeNull();
    expect(shell.requests('file_restore')).toHaveLength(0);
  });

  it('that has gone meanwhile is said to be gone, in the plan', async () => {
    shell.on('file_restore', () => {
      throw fakeError('not_found', 'There is no version 2 of /work/plan.odt.');
    });
    await showVersions();
    const sheet = await ask(2);
    await userEvent.click(sheet.getByRole('button', { name: 'Bring back' }));
    expect((await sheet.findByRole('alert')).textContent).toContain('There is no version 2');
    await expectAccessible(document.body);
    await userEvent.click(sheet.getByRole('button', { name: 'Cancel' }));
    // It is of no concern to the next one.
    const next = await ask(1);
    expect(next.queryByRole('alert')).toBeNull();
  });
});
