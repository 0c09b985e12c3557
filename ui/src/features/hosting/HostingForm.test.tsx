import { act, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it } from 'vitest';

import { keys } from '../../ipc/keys';
import { expectAccessible } from '../../testing/accessibility';
import { fakeHost, fakeLimits } from '../../testing/fakeReports';
import { shellForTests } from '../../testing/shellForTests';
import { hostFormOf, readHostForm } from './model';
import { showHosting, TIMES, value } from './showHosting';

const shell = shellForTests();

const AWAY = /^The disk with what others stored is not there\. Connect it and restart Layr/u;
const UNUSABLE = 'The space lent to others cannot be used: vault.sqlite is damaged. Nothing was changed.';
const showAway = () => {
  shell.host = fakeHost({ hosting: false, offer: null, used_bytes: 0, reserved_bytes: 0 });
  return showHosting();
};

describe('hosting whose disk is not there', () => {
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

  it('is told in the same place when it goes while the node runs, even where hosting is paused', async () => {
    shell.host = fakeHost({ is_disk_away: true, free_bytes: 0, disk_left_bytes: null, paused: true });
    const { container, text } = showHosting();
    await screen.findByText(/^The disk with what others stored is not there any more\. Connect it again/u);
    expect(screen.getByText('Needs you')).toBeDefined();
    expect(text()).toContain('Free0 bytes');
    expect(screen.queryByText('Paused')).toBeNull();
    expect(screen.queryByLabelText('Space to lend, in GB')).toBeNull();
    expect(screen.getByRole('button', { name: 'Stop lending…' })).toBeDefined();
    await expectAccessible(container);
  });

  it('is told with the reason where it is there and cannot be used', async () => {
    shell.host = fakeHost({ hosting: false, free_bytes: 0, used_bytes: 0, unusable: UNUSABLE });
    showHosting();
    await screen.findByText(`${UNUSABLE} Until that is put right nothing is lent and nothing can be served.`);
    expect(screen.getByText('Needs you')).toBeDefined();
    await userEvent.click(screen.getByRole('button', { name: 'Stop lending…' }));
    expect(within(screen.getByRole('alertdialog')).getByText(UNUSABLE)).toBeDefined();
    expect(screen.queryByText(/disk .* is not there/u)).toBeNull();
  });

  it('is told also where nothing is lent any more', async () => {
    shell.host = fakeHost({ hosting: false, quota_bytes: 0, used_bytes: 0, unusable: UNUSABLE });
    showHosting();
    await screen.findByText(/damaged\. Nothing was changed\. Until that is put right/u);
    expect(screen.queryByText(/^No space is lent/u)).toBeNull();
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
