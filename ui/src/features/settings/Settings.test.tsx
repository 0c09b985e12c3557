import { screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it, vi } from 'vitest';

import { expectAccessible } from '../../testing/accessibility';
import { fakeError } from '../../testing/fakeShell';
import { show } from '../../testing/show';
import { shellForTests } from '../../testing/shellForTests';
import { SettingsScreen } from './SettingsScreen';

// Also what the shell does not serve yet has to work.
vi.mock(import('../../ipc/client'), async (load) => ({ ...(await load()), isServed: () => true }));

const shell = shellForTests();

function showSettings() {
  const onPhrase = vi.fn<() => void>();
  const page = show(
    <main>
      <SettingsScreen home="/home/ada/.local/share/layr" onPhrase={onPhrase} />
    </main>,
  );
  return { ...page, onPhrase };
}

describe('the settings', () => {
  it('are kept at once, each with the others as they are', async () => {
    const { container } = showSettings();
    const autostart = await screen.findByRole('switch', { name: /Start with this computer/u });
    await expectAccessible(container);
    await userEvent.click(autostart);
    await waitFor(() => expect(shell.settings.autostart).toBe(true));
    await screen.findByRole('switch', { name: /Start with this computer/u, checked: true });
    expect(shell.requests('settings_set')).toEqual([
      { close_to_tray: true, autostart: true, notifications: true, theme: 'system' },
    ]);
  });

  it('do not show as changed what was refused', async () => {
    shell.on('settings_set', () => {
      throw fakeError('local_file', 'The autostart folder is read-only.', 'after_user_action');
    });
    showSettings();
    await userEvent.click(await screen.findByRole('switch', { name: /Start with this computer/u }));
    await screen.findByText('The autostart folder is read-only.');
    expect(screen.getByRole('switch', { name: /Start with/u, checked: false })).toBeDefined();
  });

  it('say whether the recovery phrase is confirmed, and lead to it', async () => {
    shell.phraseConfirmed = false;
    const { onPhrase } = showSettings();
    await screen.findByText(/not confirmed yet/u);
    await userEvent.click(screen.getByRole('button', { name: 'Show the recovery phrase…' }));
    expect(onPhrase).toHaveBeenCalledTimes(1);
  });

  it('say so when they cannot be read', async () => {
    shell.on('settings', () => {
      throw fakeError('local_file', 'settings.json is unreadable');
    });
    const { container } = showSettings();
    await screen.findByText('settings.json is unreadable');
    await expectAccessible(container);
  });
});
