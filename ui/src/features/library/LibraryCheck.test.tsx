import { render, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it } from 'vitest';

import { App } from '../../app/App';
import type { CheckAnswer } from '../../ipc/bindings';
import { expectAccessible } from '../../testing/accessibility';
import { fakeCheck } from '../../testing/fakeReports';
import { fakeError } from '../../testing/fakeShell';
import { shellForTests } from '../../testing/shellForTests';
import { grid, row, showLibrary } from './showLibrary';

const shell = shellForTests();

async function checkFromPane() {
  await userEvent.click(await row(/000000 report/u));
  const pane = within(await screen.findByRole('complementary', { name: 'Details' }));
  await userEvent.click(await pane.findByRole('button', { name: 'Check now' }));
  return pane;
}

describe('a check', () => {
  it('says that it runs, and then what is there and what is not', async () => {
    const answers: ((report: CheckAnswer) => void)[] = [];
    shell.on('files_verify', () => new Promise((resolve) => answers.push(resolve)));
    const { container } = showLibrary();
    const pane = await checkFromPane();
    await screen.findByText('Checking at the hosts: \u2068000000 report.pdf\u2069. This can take minutes.');
    expect(pane.getByRole<HTMLButtonElement>('button', { name: 'Checking…' }).disabled).toBe(true);
    expect(shell.requests('files_verify')).toEqual([{ names: ['0000000000000000'] }]);
    const asked = shell.requests('file_info').length;
    answers[0]?.(fakeCheck({ passed: 26, missing: 1, corrupt: 1, unreachable: 2 }));
    await screen.findByText(
      /^\u2068000000 report\.pdf\u2069: 26 of 30 parts are proven to be there; 1 missing, 1 damaged, 2 out of reach\./u,
    );
    // What was last known of its parts is old by then.
    await waitFor(() => expect(shell.requests('file_info').length).toBeGreaterThan(asked));
    expect(screen.queryByText(/This can take minutes/u)).toBeNull();
    await expectAccessible(container);
  });

  it('of every part says first how much it reads, and begins with a yes', async () => {
    showLibrary();
    await userEvent.click(await row(/000000 report/u));
    const pane = within(await screen.findByRole('complementary', { name: 'Details' }));
    await userEvent.click(await pane.findByRole('button', { name: 'Thorough check…' }));
    const sheet = within(await screen.findByRole('dialog', { name: 'Check every part?' }));
    await sheet.findByText(/reads all 20 parts from their hosts, 20 MB in all\./u);
    expect(sheet.getByText(/“Check now” reads next to nothing/u)).toBeDefined();
    expect(shell.requests('files_verify_plan')).toEqual([{ names: ['0000000000000000'] }]);
    await expectAccessible(document.body);
    await userEvent.click(sheet.getByRole('button', { name: 'Cancel' }));
    expect(shell.requests('files_verify')).toEqual([]);
    await userEvent.click(await pane.findByRole('button', { name: 'Thorough check…' }));
    const again = within(await screen.findByRole('dialog', { name: 'Check every part?' }));
    await again.findByText(/20 MB in all/u);
    await userEvent.click(again.getByRole('button', { name: 'Check every part' }));
    await screen.findByText(/all 30 parts are there/u);
    expect(shell.requests('files_verify')).toEqual([{ names: ['0000000000000000'], thorough: true }]);
  });

  it('of every part leaves the focus on the rows after its yes, and on its result after it was stopped', async () => {
    const person = userEvent.setup();
    const running: ((error: unknown) => void)[] = [];
    shell.on('files_verify', () => new Promise((_resolve, reject) => running.push(reject)));
    shell.on('check_cancel', () => {
      running.shift()?.(fakeError('interrupted', 'The check was stopped.', 'after_user_action'));
      return null;
    });
    showLibrary();
    await person.click(await row(/000000 report/u));
    await person.click(await screen.findByRole('button', { name: 'Thorough check…' }));
    const sheet = within(await screen.findByRole('dialog', { name: 'Check every part?' }));
    await sheet.findByText(/20 MB in all/u);
    await person.click(sheet.getByRole('button', { name: 'Check every part' }));
    const stop = await screen.findByRole('button', { name: 'Stop the check' });
    await waitFor(async () => expect(document.activeElement).toBe(await grid()));
    stop.focus();
    await person.keyboard('{Enter}');
    const result = await screen.findByText(/the check was stopped\./u);
    await waitFor(() => expect(stop.isConnected).toBe(false));
    await waitFor(() => expect(document.activeElement?.contains(result)).toBe(true));
    expect(document.activeElement).not.toBe(document.body);
  });

  it.each([
    [1, 'its one part from its host, 1 MB\\.', false],
    [0, 'there are no parts to check\\.', true],
  ])('of %d parts says so, and is offered where it reads any', async (shards, words, isDisabled) => {
    const size = { shards, bytes: shards * 1_000_000 };
    shell.on('files_verify_plan', () => ({ quick: size, thorough: size }));
    showLibrary();
    await userEvent.click(await row(/000000 report/u));
    await userEvent.click(await screen.findByRole('button', { name: 'Thorough check…' }));
    const sheet = within(await screen.findByRole('dialog', { name: 'Check every part?' }));
    await sheet.findByText(new RegExp(words, 'u'));
    const confirm = sheet.getByRole<HTMLButtonElement>('button', { name: 'Check every part' });
    expect(confirm.disabled).toBe(isDisabled);
  });

  it('can be stopped, and what it found stays', async () => {
    const running: ((error: unknown) => void)[] = [];
    shell.on('files_verify', () => new Promise((_resolve, reject) => running.push(reject)));
    shell.on('check_cancel', () => {
      running.shift()?.(fakeError('interrupted', 'The check was stopped.', 'after_user_action'));
      return null;
    });
    showLibrary();
    await checkFromPane();
    await userEvent.click(await screen.findByRole('button', { name: 'Stop the check' }));
    await screen.findByText(
      /000000 report\.pdf.*: the check was stopped\. What it had found is in the library\./u,
    );
    expect(screen.queryByRole('alert')).toBeNull();
    expect(screen.queryByRole('button', { name: 'Stop the check' })).toBeNull();
  });

  it('that fails says why, and is tried again', async () => {
    shell.on('files_verify', () => {
      throw fakeError('network_unreachable', 'No host answers.', 'after_user_action');
    });
    showLibrary();
    await checkFromPane();
    await screen.findByText('“\u2068000000 report.pdf\u2069” could not be checked.');
    await screen.findByText('No host answers.');
    shell.on('files_verify', () => fakeCheck());
    await userEvent.click(screen.getByRole('button', { name: 'Try again' }));
    await screen.findByText(/^\u2068000000 report\.pdf\u2069: all 30 parts are proven to be there\./u);
  });

  it('of several rows is a command, and its result is seen on another screen', async () => {
    const person = userEvent.setup();
    render(<App />);
    (await grid()).focus();
    await row(/000000 report/u);
    await person.keyboard('{ArrowDown}{ArrowDown}{ArrowDown}{Shift>}{ArrowDown}{/Shift}');
    await screen.findByText('2 items selected');
    await person.keyboard('{Control>}k{/Control}');
    await screen.findByRole('dialog', { name: 'Commands' });
    await person.keyboard('check now{Enter}');
    await waitFor(() =>
      expect(shell.requests('files_verify')).toEqual([{ names: ['0000000000000000', '0000000000000001'] }]),
    );
    await person.keyboard('{Control>}2{/Control}');
    await screen.findByText(/^2 items: all 30 parts are proven to be there\./u);
    await person.keyboard('{Control>}k{/Control}');
    await screen.findByRole('dialog', { name: 'Commands' });
    expect(screen.queryByRole('menuitem', { name: /Check now/u })).toBeNull();
  });
});
