import { act, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it } from 'vitest';

import { keys } from '../../ipc/keys';
import { expectAccessible } from '../../testing/accessibility';
import { fakeBandwidth } from '../../testing/fakeReports';
import { fakeError } from '../../testing/fakeShell';
import { show } from '../../testing/show';
import { shellForTests } from '../../testing/shellForTests';
import { SettingsScreen } from './SettingsScreen';

const shell = shellForTests();

const UP = 'Upload limit, in kB a second';
const DOWN = 'Download limit, in kB a second';
const TIMES = 'Times in which the speed limits hold';

async function showBandwidth() {
  const page = show(
    <main>
      <SettingsScreen home="/home/ada/layr" owner="6b79c57e6a095239" onPhrase={() => undefined} />
    </main>,
  );
  const card = within(screen.getByRole('region', { name: 'Bandwidth' }));
  await card.findByLabelText(TIMES);
  const value = (label: string) => card.getByLabelText<HTMLInputElement>(label).value;
  return { ...page, card, value };
}

describe('the limits of all transfers', () => {
  it('are shown as they are in force, and told apart from those of hosting', async () => {
    shell.bandwidth = fakeBandwidth({ up_bytes_per_s: 250_000, schedule: 'mon-fri 08:00-18:00' });
    const { container, card, value } = await showBandwidth();
    expect([value(UP), value(DOWN), value(TIMES)]).toEqual(['250', '', 'mon-fri 08:00-18:00']);
    expect(card.getByText('The speed limits hold now.')).toBeDefined();
    expect(card.getByText(/The limits of Hosting hold besides/u)).toBeDefined();
    await expectAccessible(container);
  });

  it.each([
    ['The speed limits rest at the moment, by the schedule.', { down_bytes_per_s: 1000, in_force: false }],
    ['No speed limit is set.', { in_force: true }],
  ])('are told in words: %s', async (words, limits) => {
    shell.bandwidth = fakeBandwidth(limits);
    const { card } = await showBandwidth();
    expect(card.getByText(words)).toBeDefined();
  });

  it('are set where they are new, and lifted where nothing is left', async () => {
    shell.bandwidth = fakeBandwidth({ down_bytes_per_s: 300_000, schedule: '22:00-06:00' });
    const { card } = await showBandwidth();
    const save = card.getByRole('button', { name: 'Save' });
    await userEvent.click(save);
    await card.findByText('Nothing was changed.');
    await userEvent.type(card.getByLabelText(UP), '40');
    await userEvent.clear(card.getByLabelText(DOWN));
    await userEvent.clear(card.getByLabelText(TIMES));
    await userEvent.click(save);
    await card.findByText('Saved.');
    await card.findByText('The speed limits hold now.');
    expect(shell.requests('bandwidth_set')).toEqual([
      { up_bytes_per_s: 40_000, down_bytes_per_s: 0, schedule: 'always' },
    ]);
  });

  it('take whole numbers only', async () => {
    const { card } = await showBandwidth();
    await userEvent.type(card.getByLabelText(UP), '1.5{Enter}');
    await card.findByText('Type a whole number.');
    await userEvent.clear(card.getByLabelText(UP));
    await userEvent.type(card.getByLabelText(UP), '1000000000{Enter}');
    await card.findByText('Type a number up to 999,999,999.');
    expect(shell.requests('bandwidth_set')).toHaveLength(0);
  });

  it('keep what is typed when the hour comes at which they hold', async () => {
    shell.bandwidth = fakeBandwidth({ up_bytes_per_s: 1000, in_force: false });
    const { card, queryClient, value } = await showBandwidth();
    await userEvent.type(card.getByLabelText(TIMES), '08:00');
    shell.bandwidth = { ...shell.bandwidth, in_force: true };
    await act(() => queryClient.refetchQueries({ queryKey: keys.bandwidth }));
    await card.findByText('The speed limits hold now.');
    expect(value(TIMES)).toBe('08:00');
  });

  it('leave the focus in their field when they are saved, and are said to be saved until the next edit', async () => {
    const { card, value } = await showBandwidth();
    const up = card.getByLabelText(UP);
    await userEvent.type(up, '40{Enter}');
    await card.findByText('Saved.');
    expect(document.activeElement).toBe(up);
    await userEvent.type(up, '0');
    expect(card.queryByText('Saved.')).toBeNull();
    expect(value(UP)).toBe('400');
  });

  it('stay as they were saved when a look from before is answered late', async () => {
    const { card, queryClient } = await showBandwidth();
    const before = shell.bandwidth;
    const late: ((answer: unknown) => void)[] = [];
    shell.on('bandwidth', () => new Promise((resolve) => late.push(resolve)));
    const looked = queryClient.refetchQueries({ queryKey: keys.bandwidth });
    await userEvent.type(card.getByLabelText(UP), '40{Enter}');
    await card.findByText('Saved.');
    await act(async () => {
      late[0]?.(before);
      await looked;
    });
    expect(queryClient.getQueryData(keys.bandwidth)).toMatchObject({ up_bytes_per_s: 40_000 });
  });
});

describe('what is refused of the limits', () => {
  it('are times, told at their field until others are typed, also where the error names only their beginning', async () => {
    const times = `${'mon-fri 08:00-18:00, '.repeat(5)}at night`;
    shell.on('bandwidth_set', () => {
      throw fakeError('invalid_request', 'That is not a schedule.', 'never', {
        schedule: times.slice(0, 100),
      });
    });
    const { container, card } = await showBandwidth();
    const field = card.getByLabelText(TIMES);
    await userEvent.type(field, `${times}{Enter}`);
    await card.findByText('Nothing was saved.');
    expect(field.getAttribute('aria-invalid')).toBe('true');
    expect(card.getByText('That is not a schedule.')).toBeDefined();
    expect(screen.queryByRole('alert')).toBeNull();
    await expectAccessible(container);
    await userEvent.type(field, '{Backspace}');
    expect(card.queryByText('That is not a schedule.')).toBeNull();
  });

  it('is anything else, told above the fields', async () => {
    shell.on('bandwidth_set', () => {
      throw fakeError('local_file', 'config.toml cannot be written.', 'after_user_action');
    });
    const { card } = await showBandwidth();
    await userEvent.type(card.getByLabelText(TIMES), '08:00-09:00{Enter}');
    expect((await card.findByRole('alert')).textContent).toContain('config.toml cannot be written.');
    await userEvent.click(card.getByRole('button', { name: 'Try again' }));
    await waitFor(() => expect(shell.requests('bandwidth_set')).toHaveLength(2));
    expect(card.queryByText('Saved.')).toBeNull();
  });

  it('is told where the limits cannot be read at all, with the rest of the settings still there', async () => {
    shell.on('bandwidth', () => {
      throw fakeError('no_node', 'The node has stopped.');
    });
    show(<SettingsScreen home="/home/ada" owner="6b79c57e6a095239" onPhrase={() => undefined} />);
    await screen.findByText('The limits could not be read.');
    expect(await screen.findByRole('region', { name: 'General' })).toBeDefined();
  });
});
