import { screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it } from 'vitest';

import { expectAccessible } from '../../testing/accessibility';
import { fakeHost } from '../../testing/fakeReports';
import { fakeError } from '../../testing/fakeShell';
import { shellForTests } from '../../testing/shellForTests';
import { showHosting } from './showHosting';

const shell = shellForTests();

describe('leaving', () => {
  it('says what will happen, waits for a yes, tells how far it is, and can be taken back', async () => {
    showHosting();
    await userEvent.click(await screen.findByRole('button', { name: 'Leave…' }));
    const sheet = within(await screen.findByRole('dialog', { name: 'Leave in good order?' }));
    expect(sheet.getByText(/takes no new data/u)).toBeDefined();
    expect(
      sheet.getByText(/^What lies here, 124 GB, is served on\. Owners bring it to other hosts/u),
    ).toBeDefined();
    expect(sheet.getByText(/^Nothing is deleted then/u)).toBeDefined();
    await expectAccessible(document.body);
    expect(shell.requests('hosting_leave')).toHaveLength(0);
    await userEvent.selectOptions(sheet.getByLabelText('Stop at the latest in'), '30 days');
    await userEvent.click(sheet.getByRole('button', { name: 'Leave' }));
    await screen.findByText(/^This computer leaves: nothing new is accepted/u);
    expect(shell.requests('hosting_leave')).toEqual([{ until_s: 30 * 86_400 }]);
    expect(screen.queryByRole('dialog')).toBeNull();
    expect(screen.getByText('30,412')).toBeDefined();
    for (const name of ['Leave…', 'Pause hosting']) {
      expect(screen.queryByRole('button', { name })).toBeNull();
    }
    await userEvent.click(screen.getByRole('button', { name: 'Stay' }));
    await screen.findByRole('button', { name: 'Leave…' });
    expect(screen.queryByText(/^This computer leaves/u)).toBeNull();
  });

  it('takes two weeks unless told otherwise, and changes nothing without a yes', async () => {
    shell.host = fakeHost({ used_bytes: 0, reserved_bytes: 0 });
    showHosting();
    await userEvent.click(await screen.findByRole('button', { name: 'Leave…' }));
    expect(screen.getByText(/^Nothing of others lies here, so that hosting stops/u)).toBeDefined();
    await userEvent.click(screen.getByRole('button', { name: 'Go on lending' }));
    expect(shell.requests('hosting_leave')).toHaveLength(0);
    await userEvent.click(screen.getByRole('button', { name: 'Leave…' }));
    await userEvent.click(screen.getByRole('button', { name: 'Leave' }));
    await screen.findByRole('button', { name: 'Stay' });
    expect(shell.requests('hosting_leave')).toEqual([{ until_s: 14 * 86_400 }]);
  });

  it('says why it did not work', async () => {
    shell.on('hosting_leave', () => {
      throw fakeError('local_file', 'config.toml cannot be written.', 'after_user_action');
    });
    showHosting();
    await userEvent.click(await screen.findByRole('button', { name: 'Leave…' }));
    await userEvent.click(screen.getByRole('button', { name: 'Leave' }));
    await within(screen.getByRole('dialog')).findByText('config.toml cannot be written.');
  });

  it('does not ask for what is no longer there, and says what nobody fetched', async () => {
    shell.host = fakeHost({ hosting: false, offer: null, quota_bytes: 0, leaves_at: '2026-11-20T10:00:00Z' });
    showHosting();
    await screen.findByText(/^No space is lent to others\. Not everything was fetched in time/u);
    for (const name of ['Leave…', 'Stay', 'Stop lending…']) {
      expect(screen.queryByRole('button', { name })).toBeNull();
    }
  });
});
