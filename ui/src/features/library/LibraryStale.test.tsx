import { act, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it } from 'vitest';

import { App } from '../../app/App';
import { show } from '../../testing/show';
import type { LibraryPageRequest } from '../../ipc/bindings';
import { fakeFile, fakeFiles, fakePage } from '../../testing/fakeLibrary';
import { shellForTests } from '../../testing/shellForTests';
import { grid, holdPages, row } from './showLibrary';

const shell = shellForTests();

const named = (name: string) => [fakeFile({ name: `/${name}.txt`, id: 'x' })];

/** Another process changes the library. */
async function changeLibrary(change: () => void): Promise<void> {
  change();
  await act(() => shell.emit('library-changed', null));
}

/** Two files, and the keyboard on the first of them. */
async function standOnFirst() {
  const person = userEvent.setup();
  shell.files = ['x', 'y'].map((id) => fakeFile({ name: `/${id}.txt`, id }));
  show(<App />);
  const table = await grid();
  table.focus();
  await row(/x\.txt/u);
  await person.keyboard('{ArrowDown}');
  await screen.findByText('1 item selected');
  return { person, table };
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

  it('leaves the keyboard on its row, and a range begins where it began', async () => {
    const person = userEvent.setup();
    shell.files = ['b', 'c', 'd'].map((id) => fakeFile({ name: `/${id}.txt`, id }));
    show(<App />);
    const table = await grid();
    table.focus();
    await row(/b\.txt/u);
    await person.keyboard('{ArrowDown}{ArrowDown}');
    await screen.findByText('1 item selected');
    await changeLibrary(() => {
      shell.files = [...['a1', 'a2'].map((id) => fakeFile({ name: `/${id}.txt`, id })), ...shell.files];
    });
    await row(/a1\.txt/u);
    const active = () => document.getElementById(table.getAttribute('aria-activedescendant') ?? '');
    expect(active()?.textContent).toContain('c.txt');
    await person.keyboard('{Shift>}{ArrowDown}{/Shift}');
    await screen.findByText('2 items selected');
    await person.keyboard('{Delete}');
    await screen.findByRole('alertdialog');
    await person.click(screen.getByRole('button', { name: 'Move to trash' }));
    await waitFor(() => expect(shell.requests('files_remove')).toEqual([{ names: ['c', 'd'] }]));
  });

  it('is looked for where it was, not in the whole library', async () => {
    shell.files = fakeFiles(3000);
    show(<App />);
    await userEvent.click(await row(/000002/u));
    await screen.findByText('1 item selected');
    const before = shell.requests('library_page').length;
    await changeLibrary(() => {
      shell.files = [fakeFile({ name: '/000000 new', id: 'new' }), ...shell.files];
    });
    await row(/000000 new/u);
    expect((await row(/000002/u)).getAttribute('aria-selected')).toBe('true');
    expect(shell.requests('library_page').length - before).toBeLessThanOrEqual(2);
  });

  it('is followed also where it comes to lie far below', async () => {
    const { person } = await standOnFirst();
    await changeLibrary(() => {
      shell.files = [...fakeFiles(600), ...shell.files];
    });
    await row(/000000 report/u);
    await person.keyboard('{Shift>}{ArrowDown}{/Shift}{Delete}');
    await screen.findByRole('alertdialog');
    await person.click(screen.getByRole('button', { name: 'Move to trash' }));
    await waitFor(() => expect(shell.requests('files_remove')).toEqual([{ names: ['x', 'y'] }]));
  });

  it('lets no key act on another row while nobody knows where the right one has gone', async () => {
    const { person, table } = await standOnFirst();
    const files = [...fakeFiles(600), ...shell.files];
    const held: (() => void)[] = [];
    shell.on('library_page', async (request: LibraryPageRequest) => {
      if (request.offset > 0) {
        await new Promise<void>((resolve) => held.push(resolve));
      }
      return fakePage(files, request);
    });
    await changeLibrary(() => undefined);
    await row(/000000 report/u);
    expect(table.getAttribute('aria-activedescendant')).toBeNull();
    await person.keyboard(' {Enter}');
    expect(screen.getByText('1 item selected')).toBeDefined();
    await act(async () => held.splice(0).forEach((release) => release()));
    await waitFor(() => expect(held.length).toBeGreaterThan(0));
    await act(async () => held.splice(0).forEach((release) => release()));
    await person.keyboard('{Shift>}{ArrowDown}{/Shift}');
    await screen.findByText('2 items selected');
  });
});

/** The file gets another name. */
async function rename(name: string): Promise<void> {
  await changeLibrary(() => {
    shell.files = named(name);
  });
}

describe('changes that follow one another faster than the rows come', () => {
  it('leave none out that came during the very first question', async () => {
    const pages = holdPages(shell);
    shell.files = named('first');
    show(<App />);
    await waitFor(() => expect(pages.underWay()).toBe(1));
    await rename('second');
    expect(pages.underWay()).toBe(1);
    await pages.release();
    await row(/first/u);
    await pages.release();
    await row(/second/u);
    expect(pages.underWay()).toBe(0);
  });

  it('are shown as they come, with one question at a time', async () => {
    await standOnFirst();
    const pages = holdPages(shell);
    await rename('a');
    await rename('b');
    expect(pages.underWay()).toBe(1);
    await pages.release();
    await row(/a\.txt/u);
    await rename('c');
    expect(pages.underWay()).toBe(1);
    await pages.release();
    await row(/b\.txt/u);
    await pages.release();
    await row(/c\.txt/u);
    expect(pages.underWay()).toBe(0);
  });

  it('do not leave chosen what went while an older answer was under way', async () => {
    await standOnFirst();
    const pages = holdPages(shell);
    await changeLibrary(() => undefined);
    await waitFor(() => expect(pages.underWay()).toBe(1));
    await changeLibrary(() => {
      shell.files = shell.files.slice(1);
    });
    await pages.release();
    expect(screen.getByText('1 item selected')).toBeDefined();
    await pages.release();
    await screen.findByText('1 item');
    expect(pages.underWay()).toBe(0);
  });
});
