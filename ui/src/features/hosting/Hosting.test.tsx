import { act, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it } from 'vitest';

import { keys } from '../../ipc/keys';
import { expectAccessible } from '../../testing/accessibility';
import { fakeHost } from '../../testing/fakeReports';
import { fakeError } from '../../testing/fakeShell';
import { show } from '../../testing/show';
import { shellForTests } from '../../testing/shellForTests';
import { HostingScreen } from './HostingScreen';
import { readHostForm } from './model';

const shell = shellForTests();

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
    await screen.findByText('Type a number above 0.');
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

  it('is on again by what is filled in, where the disk was missing at the start', async () => {
    shell.host = fakeHost({ hosting: false, offer: null, quota_bytes: 1_400_000_000 });
    showHosting();
    await userEvent.click(await screen.findByRole('button', { name: 'Lend space' }));
    await screen.findByText('Saved.');
    expect(shell.requests('hosting_set')).toEqual([{ quota_bytes: 1_400_000_000 }]);
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

describe('the form', () => {
  const empty = { quotaGb: '', upKb: '', downKb: '', termDays: '' };

  it('asks for nothing that was left empty', () => {
    expect(readHostForm(empty)).toEqual({ settings: {} });
    expect(readHostForm({ ...empty, upKb: '0', termDays: '90' })).toEqual({
      settings: { up_bytes_per_s: 0, max_term_days: 90 },
    });
  });

  it.each([
    ['1.5', 1_500_000_000],
    ['1,5', 1_500_000_000],
    [' 0.25 ', 250_000_000],
    ['50', 50_000_000_000],
  ])('takes %s as a quota', (quotaGb, bytes) => {
    expect(readHostForm({ ...empty, quotaGb })).toEqual({ settings: { quota_bytes: bytes } });
  });

  it('takes whole days only, and says so', () => {
    expect(readHostForm({ ...empty, termDays: '1.5' })).toEqual({
      problems: { termDays: 'Type a whole number above 0.' },
    });
  });

  it.each(['-1', '1,000', '1.', '1e9', 'ten', '0', '0.0'])('refuses %s as a quota', (quotaGb) => {
    expect(readHostForm({ ...empty, quotaGb })).toHaveProperty('problems.quotaGb');
  });
});
