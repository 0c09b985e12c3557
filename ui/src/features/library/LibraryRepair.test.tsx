import { fireEvent, render, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it } from 'vitest';

import { App } from '../../app/App';
import type { FileDetails, RepairAnswer } from '../../ipc/bindings';
import { expectAccessible } from '../../testing/accessibility';
import { fakeFile, fakeHealth, fakeInfo } from '../../testing/fakeLibrary';
import { fakeRepair, fakeRepairPlan } from '../../testing/fakeReports';
import { fakeError } from '../../testing/fakeShell';
import { shellForTests } from '../../testing/shellForTests';
import { grid, row, showLibrary } from './showLibrary';

const shell = shellForTests();

async function details(name: RegExp) {
  await userEvent.click(await row(name));
  return within(await screen.findByRole('complementary', { name: 'Details' }));
}

/** The sheet of the plan for the fourth file, which has 13 of 30 parts. */
async function planOfOneAtRisk() {
  const pane = await details(/000003 letter/u);
  await userEvent.click(await pane.findByRole('button', { name: 'Repair…' }));
  return within(await screen.findByRole('dialog', { name: 'Repair now?' }));
}

async function repairOneAtRisk() {
  const sheet = await planOfOneAtRisk();
  await sheet.findByText(/17 parts/u);
  await userEvent.click(sheet.getByRole('button', { name: 'Repair' }));
}

describe('a repair', () => {
  it('says first what it means, does nothing without a yes, and then what came of it', async () => {
    const answers: ((answer: RepairAnswer) => void)[] = [];
    shell.on('files_repair', () => new Promise((resolve) => answers.push(resolve)));
    const { container } = showLibrary();
    const sheet = await planOfOneAtRisk();
    await sheet.findByText(/letter\.txt\u2069: 17 parts that are lost or out of reach are made again, and/u);
    expect(sheet.queryByText(/Transfers are paused/u)).toBeNull();
    expect(sheet.getByText(/reads 40 MB of the parts that are left, and sends 68 MB\./u)).toBeDefined();
    await expectAccessible(document.body);
    await userEvent.click(sheet.getByRole('button', { name: 'Cancel' }));
    expect(shell.requests('files_repair')).toEqual([]);

    await repairOneAtRisk();
    expect(shell.requests('files_repair')).toEqual([{ names: ['0000000000000003'] }]);
    await screen.findByText('Repairing: \u2068000003 letter.txt\u2069. This can take minutes.');
    expect(screen.getByRole<HTMLButtonElement>('button', { name: 'Repairing…' }).disabled).toBe(true);
    const asked = shell.requests('file_info').length;
    answers[0]?.(fakeRepair());
    await screen.findByText(
      '\u2068000003 letter.txt\u2069: 17 parts were made again, and their new hosts have proved to have them.',
    );
    // What was last known of its parts is old by then.
    await waitFor(() => expect(shell.requests('file_info').length).toBeGreaterThan(asked));
    await expectAccessible(container);
  });

  it.each([
    [{ shards: 0, short_segments: 1 }, /One segment has fewer parts in reach than it takes\./u, false],
    [{ shards: 0, shards_without_host: 4 }, /4 parts have to wait: too few other hosts/u, true],
    [{ shards: 0, segments_of_others: 2 }, /2 segments were stored by somebody else: only they/u, true],
    [{ shards: 0 }, /no part is lost or out of reach, as far as is known\./u, true],
    [{ segments: 3, shards_without_host: 1 }, /are made again, in 3 segments, and brought/u, false],
  ])(
    'that lacks something says so, and is offered where it can do anything: %o',
    async (lack, words, isIdle) => {
      shell.on('files_repair_plan', () => fakeRepairPlan(lack));
      showLibrary();
      const sheet = await planOfOneAtRisk();
      await sheet.findByText(words);
      expect(sheet.getByRole<HTMLButtonElement>('button', { name: 'Repair' }).disabled).toBe(isIdle);
    },
  );

  it('is not confirmed before its plan is there, nor where that cannot be made', async () => {
    shell.on('files_repair_plan', () => {
      throw fakeError('database_unusable', 'The library cannot be read.', 'after_user_action');
    });
    showLibrary();
    const sheet = await planOfOneAtRisk();
    await sheet.findByText('The library cannot be read.');
    expect(sheet.getByRole<HTMLButtonElement>('button', { name: 'Repair' }).disabled).toBe(true);
  });

  it('that leaves something says what it waits for', async () => {
    const left = { segments_without_host: 2, short_segments: 1, busy_segments: 1, damaged_segments: 1 };
    shell.on('files_repair', () => fakeRepair({ rebuilt: 0, ...left }));
    showLibrary();
    await repairOneAtRisk();
    const said = await screen.findByText(
      /letter\.txt\u2069: no part was made again\. 2 segments wait for more/u,
    );
    expect(said.textContent).toMatch(/more hosts with room\. Repair again when more are in reach\./u);
    expect(said.textContent).not.toContain('by itself');
    expect(said.textContent).toMatch(/cannot be repaired now.*being sent.*do not fit together/u);
  });

  it('can be stopped, and what it made stays', async () => {
    const running: ((error: unknown) => void)[] = [];
    shell.on('files_repair', () => new Promise((_resolve, reject) => running.push(reject)));
    shell.on('repair_cancel', () => {
      running.shift()?.(fakeError('interrupted', 'The repair was stopped.', 'after_user_action'));
      return null;
    });
    showLibrary();
    await repairOneAtRisk();
    await userEvent.click(await screen.findByRole('button', { name: 'Stop the repair' }));
    await screen.findByText(/the repair was stopped\. What it had made again is kept\./u);
    expect(screen.queryByRole('alert')).toBeNull();
  });

  it('leaves the focus on the rows after its yes, and on its result after it was stopped', async () => {
    const person = userEvent.setup();
    const running: ((error: unknown) => void)[] = [];
    shell.on('files_repair', () => new Promise((_resolve, reject) => running.push(reject)));
    shell.on('repair_cancel', () => {
      running.shift()?.(fakeError('interrupted', 'The repair was stopped.', 'after_user_action'));
      return null;
    });
    showLibrary();
    await repairOneAtRisk();
    const stop = await screen.findByRole('button', { name: 'Stop the repair' });
    await waitFor(async () => expect(document.activeElement).toBe(await grid()));
    stop.focus();
    await person.keyboard('{Enter}');
    const result = await screen.findByText(/the repair was stopped\./u);
    await waitFor(() => expect(stop.isConnected).toBe(false));
    await waitFor(() => expect(document.activeElement?.contains(result)).toBe(true));
    expect(document.activeElement).not.toBe(document.body);
    await person.tab();
    expect(document.activeElement).toBe(screen.getByRole('button', { name: 'Close' }));
  });

  it('has put its button out of use when its sheet gives the focus back', async () => {
    shell.on('files_repair', () => new Promise(() => undefined));
    showLibrary();
    const sheet = await planOfOneAtRisk();
    await sheet.findByText(/17 parts/u);
    fireEvent.click(sheet.getByRole('button', { name: 'Repair' }));
    expect(screen.queryByRole('dialog')).toBeNull();
    expect(screen.getByRole<HTMLButtonElement>('button', { name: 'Repairing…' }).disabled).toBe(true);
  });

  it('says that it is carried out also while transfers are paused', async () => {
    const words = 'Transfers are paused. This repair is carried out all the same.';
    shell.transfers = { ...shell.transfers, paused_all: true };
    render(<App />);
    const sheet = await planOfOneAtRisk();
    await sheet.findByText(words);
    await userEvent.click(sheet.getByRole('button', { name: 'Cancel' }));
    shell.on('files_repair_plan', () => fakeRepairPlan({ shards: 0 }));
    const idle = await planOfOneAtRisk();
    await idle.findByText(/no part is lost or out of reach/u);
    expect(idle.queryByText(words), 'there is none').toBeNull();
  });

  it('says of what is in danger that others repair what they shared, and nothing of it where all is well', async () => {
    const theirs = 'If somebody shared it with you, it is theirs to repair.';
    showLibrary();
    const poor = await details(/000003 letter/u);
    await poor.findByText(theirs);
    const well = await details(/000000 report/u);
    await well.findByText(/^It survives the loss of any 18/u);
    expect(well.queryByText(theirs)).toBeNull();
  });

  it('is offered only where parts may be lacking, and of several takes only those', async () => {
    shell.files = [
      fakeFile({ id: '1', name: '/a whole', health: fakeHealth(30) }),
      fakeFile({ id: '2', name: '/b poor', health: fakeHealth(12) }),
      fakeFile({ id: '3', name: '/c poor', health: fakeHealth(29) }),
    ];
    const person = userEvent.setup();
    render(<App />);
    const pane = await details(/a whole/u);
    await pane.findByRole('button', { name: 'Check now' });
    expect(pane.queryByRole('button', { name: 'Repair…' })).toBeNull();
    (await grid()).focus();
    await person.keyboard('{Control>}a{/Control}');
    await screen.findByText('3 items selected');
    await person.keyboard('{Control>}k{/Control}');
    await screen.findByRole('dialog', { name: 'Commands' });
    await person.keyboard('repair…{Enter}');
    await screen.findByRole('dialog', { name: 'Repair now?' });
    await waitFor(() => expect(shell.requests('files_repair_plan')).toEqual([{ names: ['2', '3'] }]));
  });
});

it('what audits know of each part is told beside where it lies', async () => {
  const known = [
    { failed: 'missing' },
    { failed: 'corrupt' },
    { failed: 'written_off' },
    { question_open: true },
  ] as const;
  shell.on('file_info', (): FileDetails => {
    const info = fakeInfo(fakeFile({ name: '/000003 letter.txt', health: fakeHealth(13) }));
    const weakest = info.weakest.map((segment) => ({
      ...segment,
      shards: segment.shards.map((part) => ({ ...part, ...known[part.index] })),
    }));
    return { ...info, weakest };
  });
  showLibrary();
  const pane = await details(/000003 letter/u);
  await userEvent.click(await pane.findByText('Where the parts lie'));
  const cells = pane
    .getAllByRole('row')
    .slice(1, 6)
    .map((part) => part.children[2]?.textContent);
  expect(cells).toEqual([
    'lost for good',
    'damaged for good',
    'given up: away too long',
    'not answered yet',
    'stored',
  ]);
});
