import { act, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it } from 'vitest';

import { keys } from '../../ipc/keys';
import { expectAccessible } from '../../testing/accessibility';
import { fakeHost, fakeLimits } from '../../testing/fakeReports';
import { fakeError } from '../../testing/fakeShell';
import { show } from '../../testing/show';
import { shellForTests } from '../../testing/shellForTests';
import { HostingScreen } from './HostingScreen';
import { type HostForm, hostFormOf, readHostForm } from './model';

const shell = shellForTests();

const TIMES = 'Times in which the speed limits hold';

const value = (label: string) => screen.getByLabelText<HTMLInputElement>(label).value;

const showHosting = () =>
  show(
    <main>
      <HostingScreen />
    </main>,
  );

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

describe('hosting whose disk is not there', () => {
  const AWAY = /^The disk with what others stored is not there\. Connect it and restart Layr/u;
  const showAway = () => {
    shell.host = fakeHost({ hosting: false, offer: null, used_bytes: 0, reserved_bytes: 0 });
    return showHosting();
  };

  it('is told as that, and its quota is not asked for', async () => {
    const { container } = showAway();
    await screen.findByText(AWAY);
    expect(screen.getByText('To lend space of another disk, stop lending first.')).toBeDefined();
    expect(screen.queryByText(/No space is lent/u)).toBeNull();
    expect(screen.queryByLabelText('Space to lend, in GB')).toBeNull();
    expect(screen.queryByRole('button', { name: 'Lend space' })).toBeNull();
    expect(screen.queryByRole('button', { name: 'Pause hosting' })).toBeNull();
    await expectAccessible(container);
  });

  it('keeps what lies on the disk when limits are saved', async () => {
    showAway();
    await userEvent.type(await screen.findByLabelText('Upload limit, in kB a second'), '40');
    await userEvent.click(screen.getByRole('button', { name: 'Save' }));
    await screen.findByText('Saved.');
    expect(shell.requests('hosting_set')).toEqual([{ up_bytes_per_s: 40_000 }]);
    expect(screen.getByText(AWAY)).toBeDefined();
    const report = shell.host;
    expect(readHostForm({ ...hostFormOf(report), quotaGb: '7' }, report)).toEqual({ settings: {} });
  });

  it('begins anew elsewhere once lending was stopped', async () => {
    showAway();
    await userEvent.click(await screen.findByRole('button', { name: 'Stop lending…' }));
    const sheet = within(await screen.findByRole('alertdialog'));
    expect(
      sheet.getByText(/^The disk with what others stored is not there\. What lies on it/u),
    ).toBeDefined();
    expect(sheet.queryByText('Nothing of others lies here.')).toBeNull();
    await userEvent.click(sheet.getByRole('button', { name: 'Stop lending' }));
    await screen.findByText('No space is lent to others.');
    expect(value('Space to lend, in GB')).toBe('');
    await userEvent.type(screen.getByLabelText('Space to lend, in GB'), '50');
    await userEvent.click(screen.getByRole('button', { name: 'Lend space' }));
    await screen.findByText('Saved.');
    expect(shell.requests('hosting_set')).toEqual([{ quota_bytes: 0 }, { quota_bytes: 50e9 }]);
  });
});

describe('limits while nothing is lent', () => {
  it('are saved alone, for what is still served', async () => {
    shell.host = fakeHost({ hosting: false, offer: null, quota_bytes: 0 });
    showHosting();
    await screen.findByRole('button', { name: 'Lend space' });
    await userEvent.type(screen.getByLabelText('Upload limit, in kB a second'), '40');
    expect(screen.queryByRole('button', { name: 'Lend space' })).toBeNull();
    await userEvent.click(screen.getByRole('button', { name: 'Save' }));
    await screen.findByText('Saved.');
    await userEvent.type(screen.getByLabelText('Download limit, in kB a second'), '7');
    await userEvent.type(screen.getByLabelText('Space to lend, in GB'), '50');
    await userEvent.click(screen.getByRole('button', { name: 'Lend space' }));
    await screen.findByText('Saved.');
    expect(shell.requests('hosting_set')).toEqual([
      { up_bytes_per_s: 40_000 },
      { quota_bytes: 50e9, down_bytes_per_s: 7000 },
    ]);
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

describe('what is typed', () => {
  it('stays when another change arrives, which fills what was left alone', async () => {
    const { queryClient } = showHosting();
    const times = await screen.findByLabelText<HTMLInputElement>(TIMES);
    await userEvent.type(times, '08:00');
    shell.host = fakeHost({ limits: fakeLimits({ up_bytes_per_s: 9000 }), quota_bytes: 1e9 });
    await act(() => queryClient.refetchQueries({ queryKey: keys.hosting }));
    await waitFor(() => expect(value('Upload limit, in kB a second')).toBe('9'));
    expect(value('Space to lend, in GB')).toBe('1');
    expect(times.value).toBe('08:00');
    expect(document.activeElement).toBe(times);
  });

  it('is what the node has once it is saved, with the focus where it was, and the note ends with the next edit', async () => {
    showHosting();
    const quota = await screen.findByLabelText<HTMLInputElement>('Space to lend, in GB');
    await userEvent.clear(quota);
    await userEvent.type(quota, '1,5{Enter}');
    await screen.findByText('Saved.');
    expect(quota.value).toBe('1.5');
    expect(document.activeElement).toBe(quota);
    await userEvent.click(screen.getByRole('button', { name: 'Save' }));
    await screen.findByText('Nothing was changed.');
    await userEvent.type(quota, '5');
    expect(screen.queryByText('Saved.')).toBeNull();
    expect(quota.value).toBe('1.55');
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
    expect(words).toContain('“25:00” is no time of a day.');
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

describe('switching off', () => {
  it('says what becomes of what lies here, waits for a yes, and then offers to lend again', async () => {
    showHosting();
    await userEvent.click(await screen.findByRole('button', { name: 'Stop lending…' }));
    const sheet = within(await screen.findByRole('alertdialog', { name: 'Stop lending space?' }));
    expect(sheet.getByText(/takes no new data/u)).toBeDefined();
    expect(sheet.getByText(/120 GB, is served on until its owners take it away/u)).toBeDefined();
    expect(sheet.getByText(/^Nothing is deleted\./u)).toBeDefined();
    await expectAccessible(document.body);
    expect(shell.requests('hosting_set')).toHaveLength(0);
    await userEvent.click(sheet.getByRole('button', { name: 'Stop lending' }));
    await screen.findByText(/^No space is lent to others\. What lies here is served on/u);
    expect(screen.queryByRole('alertdialog')).toBeNull();
    expect(shell.requests('hosting_set')).toEqual([{ quota_bytes: 0 }]);
    expect(screen.queryByRole('button', { name: 'Stop lending…' })).toBeNull();
    await userEvent.type(screen.getByLabelText('Space to lend, in GB'), '50');
    await userEvent.click(screen.getByRole('button', { name: 'Lend space' }));
    await screen.findByRole('button', { name: 'Stop lending…' });
  });

  it.each([
    [0, 0, 'Nothing of others lies here.'],
    [0, 4e9, /^For others 4 GB are reserved/u],
  ])('is of nothing only where nothing is used or reserved: %d and %d', async (used, reserved, words) => {
    shell.host = fakeHost({ used_bytes: used, reserved_bytes: reserved });
    showHosting();
    await userEvent.click(await screen.findByRole('button', { name: 'Stop lending…' }));
    const sheet = within(screen.getByRole('alertdialog'));
    expect(sheet.getByText(words)).toBeDefined();
    expect(sheet.queryAllByText('Nothing of others lies here.')).toHaveLength(reserved === 0 ? 1 : 0);
  });

  it('changes nothing without a yes, and says why it did not work', async () => {
    shell.on('hosting_set', () => {
      throw fakeError('local_file', 'config.toml cannot be written.', 'after_user_action');
    });
    showHosting();
    await userEvent.click(await screen.findByRole('button', { name: 'Stop lending…' }));
    await userEvent.click(screen.getByRole('button', { name: 'Go on lending' }));
    expect(shell.requests('hosting_set')).toHaveLength(0);
    await userEvent.click(await screen.findByRole('button', { name: 'Stop lending…' }));
    await userEvent.click(screen.getByRole('button', { name: 'Stop lending' }));
    await within(screen.getByRole('alertdialog')).findByText('config.toml cannot be written.');
  });

  it('is no pause, even where a pause came before it', async () => {
    shell.host = fakeHost({ hosting: false, paused: true, offer: null, quota_bytes: 0, used_bytes: 0 });
    showHosting();
    await screen.findByText('No space is lent to others.');
    expect(screen.queryByText('Paused')).toBeNull();
    expect(screen.queryByRole('button', { name: 'Resume hosting' })).toBeNull();
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
