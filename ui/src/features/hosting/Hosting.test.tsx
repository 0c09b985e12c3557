import { act, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it } from 'vitest';

import { keys } from '../../ipc/keys';
import { expectAccessible } from '../../testing/accessibility';
import { fakeHost, fakeLimits } from '../../testing/fakeReports';
import { fakeError } from '../../testing/fakeShell';
import { shellForTests } from '../../testing/shellForTests';
import { type HostForm, hostFormOf, readHostForm } from './model';
import { showHosting, TIMES, value } from './showHosting';

const shell = shellForTests();

describe('hosting', () => {
  it('is off until a person lends space', async () => {
    shell.host = fakeHost({ hosting: false, offer: null, used_bytes: 0, reserved_bytes: 0, quota_bytes: 0 });
    const { container } = showHosting();
    await screen.findByText('No space is lent to others.');
    expect(screen.queryByRole('button', { name: 'Pause hosting' })).toBeNull();
    await expectAccessible(container);
    await userEvent.click(screen.getByRole('button', { name: 'Lend space' }));
    await screen.findByText('Type a number above 0, and not above 9 million.');
    await userEvent.type(screen.getByLabelText('Space to lend, in GB'), '50{Enter}');
    await screen.findByText('Saved.');
    expect(shell.requests('hosting_set')).toEqual([{ quota_bytes: 50e9 }]);
  });

  it('shows used, reserved and free space, also as text', async () => {
    const { container } = showHosting();
    await screen.findByRole('img', { name: '120 GB used and 4 GB reserved of 500 GB' });
    expect(screen.getByText('376 GB')).toBeDefined();
    expect(screen.queryByText('Earned')).toBeNull();
    await expectAccessible(container);
  });

  it('calls free what the node accepts, and says when the disk and not the quota decides', async () => {
    shell.host = fakeHost({ free_bytes: 11e9, disk_left_bytes: 11e9, disk_floor_bytes: 20e9 });
    const { container, text } = showHosting();
    await screen.findByText('11 GB');
    expect(text()).not.toContain('376 GB');
    expect(screen.getByText(/^The disk, not the limit .* it leaves 11 GB for others\.$/u)).toBeDefined();
    expect(screen.getByText('The last 20 GB of free disk are never lent.')).toBeDefined();
    await expectAccessible(container);
  });

  it.each([376e9, null])(
    'does not blame a disk that leaves enough, or of which nobody knows: %s',
    async (left) => {
      shell.host = fakeHost({ disk_left_bytes: left });
      const { text } = showHosting();
      await screen.findByText('376 GB');
      expect(text()).not.toContain('The disk, not');
    },
  );

  it('does not claim to accept what there is no room for', async () => {
    shell.host = fakeHost({ free_bytes: 0, disk_left_bytes: 0 });
    showHosting();
    await screen.findByText(/^Space is lent, but none is free: nothing new is accepted/u);
  });

  it('shows space that is still used after the quota was lowered', async () => {
    shell.host = fakeHost({ used_bytes: 9e9, reserved_bytes: 0, quota_bytes: 1e9 });
    showHosting();
    const bar = await screen.findByRole('img', { name: '9 GB used and 0 bytes reserved of 1 GB' });
    const widths = [...bar.querySelectorAll('rect')].map((rect) => Number(rect.getAttribute('width')));
    expect(Math.max(...widths)).toBe(100);
  });

  it('pauses and says so in words', async () => {
    showHosting();
    await userEvent.click(await screen.findByRole('button', { name: 'Pause hosting' }));
    await screen.findByText('Paused');
    expect(screen.getByRole('button', { name: 'Resume hosting' })).toBeDefined();
  });

  it('stays paused when a look from before is answered late', async () => {
    const { queryClient } = showHosting();
    const pause = await screen.findByRole('button', { name: 'Pause hosting' });
    const before = shell.host;
    const late: ((answer: unknown) => void)[] = [];
    shell.on('hosting', () => new Promise((resolve) => late.push(resolve)));
    const looked = queryClient.refetchQueries({ queryKey: keys.hosting });
    await userEvent.click(pause);
    await screen.findByRole('button', { name: 'Resume hosting' });
    await act(async () => {
      late[0]?.(before);
      await looked;
    });
    expect(late).toHaveLength(1);
    // What is shown follows it a moment later.
    expect(queryClient.getQueryData(keys.hosting)).toMatchObject({ paused: true });
  });

  it('says why a change was refused', async () => {
    shell.on('hosting_set', () => {
      throw fakeError('not_enough_space', 'The disk has 20 GB left.', 'after_user_action');
    });
    showHosting();
    const quota = await screen.findByLabelText('Space to lend, in GB');
    await userEvent.clear(quota);
    await userEvent.type(quota, '900{Enter}');
    await screen.findByText('The disk has 20 GB left.');
    expect(shell.requests('hosting_set')).toEqual([{ quota_bytes: 900e9 }]);
    expect(screen.queryByText('Saved.')).toBeNull();
  });
});

describe('what was not changed', () => {
  it('is not set anew, and nothing is asked where nothing was changed', async () => {
    shell.host = fakeHost({ quota_bytes: 1_400_000_000 });
    showHosting();
    const save = await screen.findByRole('button', { name: 'Save' });
    expect(screen.getByLabelText<HTMLInputElement>('Space to lend, in GB').value).toBe('1.4');
    await userEvent.click(save);
    await screen.findByText('Nothing was changed.');
    await userEvent.type(screen.getByLabelText('Upload limit, in kB a second'), '250');
    await userEvent.click(save);
    await screen.findByText('Saved.');
    expect(shell.requests('hosting_set')).toEqual([{ up_bytes_per_s: 250_000 }]);
  });
});

describe('the limits', () => {
  it('are shown as they are in force, each with what it means', async () => {
    shell.host = fakeHost({
      limits: fakeLimits({
        up_bytes_per_s: 2_000_000,
        peer_down_bytes_per_s: 1500,
        schedule: 'mon-fri 08:00-18:00',
        max_term_days: 30,
      }),
    });
    const { container } = showHosting();
    await screen.findByText('The speed limits hold now.');
    expect(value('Upload limit, in kB a second')).toBe('2000');
    expect(value('Download limit, in kB a second')).toBe('');
    expect(value('Upload limit for each other computer, in kB a second')).toBe('');
    expect(value('Download limit for each other computer, in kB a second')).toBe('1.5');
    expect(value('Times in which the speed limits hold')).toBe('mon-fri 08:00-18:00');
    expect(value('Longest term, in days')).toBe('30');
    await expectAccessible(container);
  });

  it.each([
    ['The speed limits rest at the moment, by the schedule.', { up_bytes_per_s: 1000, in_force: false }],
    ['No speed limit is set.', { in_force: true }],
  ])('are told in words: %s', async (words, limits) => {
    shell.host = fakeHost({ limits: fakeLimits(limits) });
    showHosting();
    await screen.findByText(words);
  });

  it('are set for each other computer and for some hours, and lifted where nothing is left', async () => {
    shell.host = fakeHost({ limits: fakeLimits({ down_bytes_per_s: 300_000 }) });
    showHosting();
    await userEvent.type(
      await screen.findByLabelText('Upload limit for each other computer, in kB a second'),
      '40',
    );
    await userEvent.clear(screen.getByLabelText('Download limit, in kB a second'));
    await userEvent.type(screen.getByLabelText(TIMES), ' 22:00-06:00 {Enter}');
    await screen.findByText('Saved.');
    await userEvent.clear(screen.getByLabelText(TIMES));
    await userEvent.type(screen.getByLabelText(TIMES), '{Enter}');
    await waitFor(() => expect(shell.requests('hosting_set')).toHaveLength(2));
    expect(shell.requests('hosting_set')).toEqual([
      { peer_up_bytes_per_s: 40_000, down_bytes_per_s: 0, schedule: '22:00-06:00' },
      { schedule: 'always' },
    ]);
  });

  it('keep what is typed when the hour comes at which they hold', async () => {
    const { queryClient } = showHosting();
    await userEvent.type(await screen.findByLabelText(TIMES), '08:00');
    shell.host = fakeHost({ limits: fakeLimits({ in_force: false, up_bytes_per_s: 0 }), shards: 7 });
    await act(() => queryClient.refetchQueries({ queryKey: keys.hosting }));
    await screen.findByText('7');
    expect(screen.getByLabelText<HTMLInputElement>(TIMES).value).toBe('08:00');
  });
});

describe('times that the node does not take', () => {
  it('are told at their field, until others are typed', async () => {
    shell.on('hosting_set', () => {
      throw fakeError('invalid_request', '“25:00” is no time of a day.', 'never', {
        schedule: '25:00-26:00',
      });
    });
    const { container } = showHosting();
    const field = await screen.findByLabelText<HTMLInputElement>(TIMES);
    await userEvent.type(field, '25:00-26:00{Enter}');
    await screen.findByText('Nothing was saved.');
    expect(field.getAttribute('aria-invalid')).toBe('true');
    const said = (field.getAttribute('aria-describedby') ?? '').split(' ');
    const words = said.map((id) => document.getElementById(id)?.textContent).join(' ');
    expect(words).toMatch(/“.25:00.” is no time of a day\./u);
    expect(screen.queryByRole('alert')).toBeNull();
    await expectAccessible(container);
    await userEvent.type(field, '{Backspace}');
    expect(screen.queryByText('“25:00” is no time of a day.')).toBeNull();
  });

  it('are not blamed for what does not name them', async () => {
    shell.on('hosting_set', () => {
      throw fakeError('invalid_request', 'The upload limit is too large.');
    });
    showHosting();
    await userEvent.type(await screen.findByLabelText(TIMES), '08:00-09:00{Enter}');
    expect((await screen.findByRole('alert')).textContent).toContain('The upload limit is too large.');
    expect(screen.getByLabelText(TIMES).getAttribute('aria-invalid')).toBeNull();
  });

  it('are not blamed for a quota that the disk has no room for', async () => {
    shell.on('hosting_set', () => {
      throw fakeError('invalid_request', 'The disk has room for 20 bytes.', 'never', {
        quota_bytes: 900e9,
        room_bytes: 20,
      });
    });
    showHosting();
    await userEvent.type(await screen.findByLabelText(TIMES), '08:00-09:00');
    await userEvent.type(screen.getByLabelText('Space to lend, in GB'), '0{Enter}');
    const alert = await screen.findByRole('alert');
    expect(alert.textContent).toContain('The disk has room for 20 bytes.');
    expect(screen.getByLabelText(TIMES).getAttribute('aria-invalid')).toBeNull();
  });
});

describe('the form', () => {
  const report = fakeHost({ quota_bytes: 0 });
  const empty = hostFormOf(report);
  const read = (changes: Partial<HostForm>) => readHostForm({ ...empty, ...changes }, report);

  it('asks for nothing that was left as it is', () => {
    expect(read({})).toEqual({ settings: {} });
    expect(read({ upKb: '0', termDays: '30' })).toEqual({
      settings: { up_bytes_per_s: 0, max_term_days: 30 },
    });
  });

  it.each([
    ['1.5', 1_500_000_000],
    ['1,5', 1_500_000_000],
    [' 0.25 ', 250_000_000],
    ['50', 50_000_000_000],
  ])('takes %s as a quota', (quotaGb, bytes) => {
    expect(read({ quotaGb })).toEqual({ settings: { quota_bytes: bytes } });
  });

  it('takes whole days and whole limits only, and says so', () => {
    expect(read({ termDays: '1.5', peerUpKb: 'fast' })).toEqual({
      problems: { termDays: 'Type a whole number from 1 to 3650.', peerUpKb: 'Type a whole number.' },
    });
    expect(read({ termDays: '' })).toHaveProperty('problems.termDays');
    expect(read({ termDays: '3650' })).toEqual({ settings: { max_term_days: 3650 } });
    expect(read({ termDays: '3651' })).toHaveProperty('problems.termDays');
  });

  it.each(['-1', '1,000', '1.', '1e9', 'ten', '0', '0.0', '9100000'])('refuses %s as a quota', (quotaGb) => {
    expect(read({ quotaGb })).toHaveProperty('problems.quotaGb');
  });
});
