import { QueryClientProvider } from '@tanstack/react-query';
import { act, fireEvent, render, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it, vi } from 'vitest';

import { version } from '../../../package.json';
import { keys } from '../../ipc/keys';
import { expectAccessible } from '../../testing/accessibility';
import { fakeError } from '../../testing/fakeShell';
import { show } from '../../testing/show';
import { shellForTests } from '../../testing/shellForTests';
import { commandFor } from './model';
import { SettingsScreen } from './SettingsScreen';

const shell = shellForTests();

const OWNER = '6b79c57e6a095239';
const HOME = '/home/ada/.local/share/layr';

function showSettings() {
  const onPhrase = vi.fn<() => void>();
  const page = show(
    <main>
      <SettingsScreen home={HOME} owner={OWNER} onPhrase={onPhrase} />
    </main>,
  );
  return { ...page, onPhrase };
}

describe('the settings', () => {
  it('are kept at once, each alone', async () => {
    const { container } = showSettings();
    const autostart = await screen.findByRole('switch', { name: /Start with this computer/u });
    await expectAccessible(container);
    await userEvent.click(autostart);
    await waitFor(() => expect(shell.settings.autostart).toBe(true));
    await screen.findByRole('switch', { name: /Start with this computer/u, checked: true });
    expect(shell.requests('settings_set')).toEqual([{ autostart: true }]);
  });

  it('are those of now whenever they are opened', async () => {
    const { queryClient } = show(<p />);
    queryClient.setQueryData(keys.settings, shell.settings);
    shell.settings = { ...shell.settings, autostart: true };
    render(<SettingsScreen home={HOME} owner={OWNER} onPhrase={() => undefined} />, {
      wrapper: ({ children }) => <QueryClientProvider client={queryClient}>{children}</QueryClientProvider>,
    });
    await screen.findByRole('switch', { name: /Start with this computer/u, checked: true });
  });

  it('have the size of the text', async () => {
    shell.settings = { ...shell.settings, zoom_percent: 110 };
    showSettings();
    const select = await screen.findByRole<HTMLSelectElement>('combobox', { name: 'Text size' });
    expect(select.selectedOptions[0]?.textContent).toBe('110 %');
    await userEvent.selectOptions(select, '150 %');
    await waitFor(() => expect(shell.settings.zoom_percent).toBe(150));
    expect(select.selectedOptions[0]?.textContent).toBe('150 %');
  });

  it('turn shortcuts of one key off, and say what works then', async () => {
    showSettings();
    const single = await screen.findByRole('switch', { name: /Single-key shortcuts/u, checked: true });
    expect(single.closest('label')?.textContent).toContain('Ctrl / lists them always');
    await userEvent.click(single);
    await waitFor(() => expect(shell.settings.single_key_shortcuts).toBe(false));
    await screen.findByRole('switch', { name: /Single-key shortcuts/u, checked: false });
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
    const security = within(screen.getByRole('region', { name: 'Security' }));
    expect(security.getByText(OWNER)).toBeDefined();
    expect(security.getByText(/does not follow them yet: export/u)).toBeDefined();
    await userEvent.click(screen.getByRole('button', { name: 'Show the recovery phrase…' }));
    expect(onPhrase).toHaveBeenCalledTimes(1);
  });

  it('have one primary button: to see the words, while nobody has confirmed them', async () => {
    shell.phraseConfirmed = false;
    const { container } = showSettings();
    await screen.findByText(/not confirmed yet/u);
    await screen.findByLabelText('Times in which the speed limits hold');
    const primary = [...container.querySelectorAll('[data-look="primary"]')].map(
      ({ textContent }) => textContent,
    );
    expect(primary).toEqual(['Show the recovery phrase…']);
  });

  it('say so when they cannot be read, with the rest still there', async () => {
    shell.on('settings', () => {
      throw fakeError('local_file', 'settings.json is unreadable');
    });
    const { container } = showSettings();
    await screen.findByText('settings.json is unreadable');
    expect(screen.getByRole('region', { name: 'About' })).toBeDefined();
    await expectAccessible(container);
  });

  it('say what starting with the computer means', async () => {
    showSettings();
    const autostart = await screen.findByRole('switch', { name: /Start with this computer/u });
    expect(autostart.closest('label')?.textContent).toContain('--hidden');
  });

  it('quit, and say why that did not work', async () => {
    shell.on('quit', () => {
      throw fakeError('internal', 'The node does not stop.', 'after_user_action');
    });
    showSettings();
    await userEvent.click(await screen.findByRole('button', { name: 'Quit Layr' }));
    await screen.findByText('The node does not stop.');
    await userEvent.click(screen.getByRole('button', { name: 'Try again' }));
    await waitFor(() => expect(shell.requests('quit')).toHaveLength(2));
  });

  it('lock where a passphrase is typed, and nowhere else', async () => {
    shell.canLock = true;
    shell.on('lock', () => {
      throw fakeError('internal', 'The node does not stop.', 'after_user_action');
    });
    const { container } = showSettings();
    const security = within(await screen.findByRole('region', { name: 'Security' }));
    await userEvent.click(await security.findByRole('button', { name: 'Lock Layr' }));
    await security.findByText('The node does not stop.');
    expect(shell.requests('lock')).toHaveLength(1);
    await expectAccessible(container);
  });

  it('offer no lock for keys that open by themselves', async () => {
    showSettings();
    await screen.findByText('You have confirmed your recovery phrase.');
    expect(screen.queryByRole('button', { name: 'Lock Layr' })).toBeNull();
  });

  it('tell what this is, and how a terminal reaches it, from right to left as well', async () => {
    document.documentElement.dir = 'rtl';
    const { container } = showSettings();
    await screen.findByText(`layr --home ${HOME} status`);
    expect(screen.getByText(version)).toBeDefined();
    expect(screen.getByText(/do not trust it with your only copy yet/u)).toBeDefined();
    expect(screen.getByText('MIT or Apache 2.0')).toBeDefined();
    await expectAccessible(container);
  });
});

describe('the version', () => {
  it('is the one of the program', async () => {
    // The page knows no files, so it has no types for them.
    const { readFileSync } = await vi.importActual<{ readFileSync(path: string, code: 'utf8'): string }>(
      'node:fs',
    );
    const workspace = readFileSync('../Cargo.toml', 'utf8');
    expect(/^version = "([^"]+)"/mu.exec(workspace)?.[1]).toBe(version);
  });
});

describe('the command for a terminal', () => {
  it.each([
    ['/home/ada/.local/share/layr', 'layr --home /home/ada/.local/share/layr status'],
    ['/home/ada/My Layr', "layr --home '/home/ada/My Layr' status"],
    ["/home/o'neill", String.raw`layr --home '/home/o'\''neill' status`],
    ['/tmp/$(rm)', "layr --home '/tmp/$(rm)' status"],
  ])('of %s can be pasted', (home, command) => {
    expect(commandFor(home)).toBe(command);
  });
});

describe('keeping the phrase', () => {
  it('copies it, with the time until the clipboard is cleared', async () => {
    vi.useFakeTimers({ toFake: ['Date', 'setInterval', 'clearInterval'] });
    try {
      const { container } = showSettings();
      fireEvent.click(await screen.findByRole('button', { name: 'Copy the words' }));
      await screen.findByText('Cleared in 60 seconds');
      await expectAccessible(container);
      act(() => vi.advanceTimersByTime(59_000));
      expect(screen.getByText('Cleared in 1 second')).toBeDefined();
      act(() => vi.advanceTimersByTime(1000));
      await screen.findByText('The words are no longer in the clipboard.');
      expect(shell.requests('phrase_show')).toHaveLength(0);
    } finally {
      vi.useRealTimers();
    }
  });

  it('does not claim that the clipboard is empty when it is not, or when nobody knows', async () => {
    const answers = [{ cleared: false }, new Error('the clipboard is gone'), { cleared: true }];
    shell.on('phrase_copy', () => ({ clears_in_s: 0 }));
    shell.on('phrase_copy_end', () => {
      const answer = answers.shift();
      if (answer instanceof Error) {
        throw answer;
      }
      return answer;
    });
    showSettings();
    await userEvent.click(await screen.findByRole('button', { name: 'Copy the words' }));
    const refused = 'Layr could not clear the clipboard: copy something else now.';
    await screen.findByText(refused);
    await userEvent.click(screen.getByRole('button', { name: 'Try again' }));
    await waitFor(() => expect(shell.requests('phrase_copy_end')).toHaveLength(2));
    expect(screen.getByText(refused)).toBeDefined();
    await userEvent.click(screen.getByRole('button', { name: 'Try again' }));
    await screen.findByText('The words are no longer in the clipboard.');
  });

  it('saves it sealed with a passphrase that is typed twice, and keeps it typed when no place was chosen', async () => {
    let answers = 0;
    shell.on('phrase_save', () => {
      answers += 1;
      return answers === 1 ? null : { path: '/home/ada/words\u202E.sealed' };
    });
    showSettings();
    await userEvent.click(await screen.findByRole('button', { name: 'Save sealed…' }));
    const sheet = within(await screen.findByRole('dialog', { name: /sealed file/u }));
    const save = sheet.getByRole('button', { name: 'Choose where to save…' });
    await userEvent.type(sheet.getByLabelText('Passphrase'), 'long enough');
    await userEvent.click(save);
    await sheet.findByText('The two are not the same.');
    await expectAccessible(document.body);
    expect(answers).toBe(0);
    await userEvent.type(sheet.getByLabelText('Passphrase, once more'), 'long enough');
    await userEvent.click(save);
    await waitFor(() => expect(answers).toBe(1));
    expect(sheet.getByLabelText<HTMLInputElement>('Passphrase').value).toBe('long enough');
    await userEvent.click(sheet.getByRole('button', { name: 'Choose where to save…' }));
    await screen.findByText(
      'Saved to \u2068/home/ada/words\uFFFD.sealed\u2069. Only its passphrase opens it.',
    );
    expect(shell.requests('phrase_save')).toEqual([
      { passphrase: 'long enough' },
      { passphrase: 'long enough' },
    ]);
  });
});
