import { act, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it, vi } from 'vitest';

import { expectAccessible } from '../../testing/accessibility';
import type { ChosenNetworkFile } from '../../ipc/bindings';
import { fakeError, WORDS } from '../../testing/fakeShell';
import { keptByCommands, show } from '../../testing/show';
import { shellForTests } from '../../testing/shellForTests';
import { Onboarding, type Way } from './Onboarding';

const shell = shellForTests();

function showOnboarding() {
  const onBegun = vi.fn<(way: Way) => void>();
  const page = show(
    <main>
      <h1>Layr</h1>
      <Onboarding onBegun={onBegun} />
    </main>,
  );
  return { ...page, onBegun };
}

const LAST = WORDS[23] ?? '';
const LOOK = 'See what comes back';

const choose = async (name: RegExp) => userEvent.click(await screen.findByRole('radio', { name }));
const press = (name: string) => userEvent.click(screen.getByRole('button', { name }));

function networkFile(selection: string): ChosenNetworkFile {
  return { selection, file: `${selection}.toml`, network: 'friends' };
}

describe('the first minutes', () => {
  it('offer creating and restoring alike, with neither chosen', async () => {
    const { container } = showOnboarding();
    const ways = screen.getAllByRole<HTMLInputElement>('radio');
    expect(ways.map((way) => way.checked)).toEqual([false, false]);
    expect(screen.queryByRole('button', { name: 'Create' })).toBeNull();
    await expectAccessible(container);
  });

  it('create an identity on the try-out network', async () => {
    const { container, onBegun } = showOnboarding();
    await choose(/Create a new/u);
    await choose(/Try it on this/u);
    await expectAccessible(container);
    await press('Create');
    await waitFor(() => expect(onBegun).toHaveBeenCalledTimes(1));
    expect(shell.requests('onboarding_create')).toEqual([{ network: 'try_out' }]);
  });

  it('need the file of a network that is one, name it, and keep it when the dialog is dismissed', async () => {
    const answers = [networkFile('sel-2'), networkFile('sel-1'), null];
    shell.on('onboarding_choose_network', () => {
      if (shell.requests('onboarding_choose_network').length === 1) {
        throw fakeError('invalid_request', 'This is no network file that can be joined.', 'never');
      }
      return answers.shift() ?? null;
    });
    showOnboarding();
    await choose(/Create a new/u);
    await choose(/A network file/u);
    expect(screen.getByRole<HTMLButtonElement>('button', { name: 'Create' }).disabled).toBe(true);
    await press('Choose a network file…');
    await screen.findByText(/no network file that can be joined/u);
    expect(screen.getByRole<HTMLButtonElement>('button', { name: 'Create' }).disabled).toBe(true);
    await press('Choose a network file…');
    await screen.findByText(/sel-2\.toml.* is chosen: it names the network .*friends/u);
    await press('Choose a network file…');
    await screen.findByText(/sel-1\.toml/u);
    expect(shell.requests('selection_drop')).toEqual([{ selection: 'sel-2' }]);
    await press('Choose a network file…');
    await waitFor(() => expect(shell.requests('onboarding_choose_network')).toHaveLength(4));
    await press('Create');
    expect(shell.requests('onboarding_create')).toEqual([{ network: { selection: 'sel-1' } }]);
  });

  it('take a file that is chosen late for no choice of another network', async () => {
    const files: ((file: ChosenNetworkFile) => void)[] = [];
    shell.on('onboarding_choose_network', () => new Promise((resolve) => files.push(resolve)));
    showOnboarding();
    await choose(/Create a new/u);
    await choose(/A network file/u);
    await press('Choose a network file…');
    await waitFor(() => expect(files).toHaveLength(1));
    await choose(/Try it on this/u);
    await act(async () => files[0]?.(networkFile('sel-1')));
    await press('Create');
    expect(shell.requests('onboarding_create')).toEqual([{ network: 'try_out' }]);
    await choose(/A network file/u);
    expect(screen.getByText(/sel-1\.toml.* is chosen/u)).toBeDefined();
  });

  it('ask for a passphrase only where there is no keyring, and keep what was chosen', async () => {
    shell.on('onboarding_create', (request: { passphrase?: string }) => {
      if (request.passphrase === undefined) {
        throw fakeError('keyring_unavailable', 'There is no keyring.', 'after_user_action');
      }
      return { phrase_words: 24 };
    });
    const { container, onBegun, queryClient } = showOnboarding();
    await choose(/Create a new/u);
    await choose(/Try it on this/u);
    await press('Create');
    await userEvent.type(await screen.findByLabelText('Passphrase'), 'long enough');
    await userEvent.type(screen.getByLabelText('Passphrase, once more'), 'long enuogh');
    await press('Create');
    await screen.findByText('The two are not the same.');
    await expectAccessible(container);
    expect(onBegun).not.toHaveBeenCalled();
    await userEvent.clear(screen.getByLabelText('Passphrase, once more'));
    await userEvent.type(screen.getByLabelText('Passphrase, once more'), 'long enough');
    await press('Create');
    await waitFor(() => expect(onBegun).toHaveBeenCalledTimes(1));
    expect(shell.requests('onboarding_create').at(-1)).toEqual({
      network: 'try_out',
      passphrase: 'long enough',
    });
    await waitFor(() => expect(keptByCommands(queryClient)).not.toContain('long enough'));
  });

  it('say why the keyring failed, blame nothing not yet typed, and try the keyring again', async () => {
    let isLocked = true;
    shell.on('onboarding_create', () => {
      if (isLocked) {
        throw fakeError('keyring_unavailable', 'The keyring is locked.', 'after_user_action');
      }
      return { phrase_words: 24 };
    });
    const { container, onBegun } = showOnboarding();
    await choose(/Create a new/u);
    await choose(/Try it on this/u);
    await press('Create');
    await screen.findByRole('heading', { name: 'The keyring could not be used' });
    expect(screen.getByText('The keyring is locked.')).toBeDefined();
    expect(screen.queryByText('Use at least 8 characters.')).toBeNull();
    await expectAccessible(container);
    isLocked = false;
    await press('Try the keyring again');
    await waitFor(() => expect(onBegun).toHaveBeenCalledTimes(1));
    expect(shell.requests('onboarding_create').at(-1)).toEqual({ network: 'try_out' });
  });

  it('restore from a pasted phrase, and keep it typed when it is wrong', async () => {
    shell.on('onboarding_check', () => {
      throw fakeError('wrong_key', 'The words do not fit together.', 'after_user_action');
    });
    const { container, onBegun } = showOnboarding();
    await choose(/Restore an identity/u);
    const field = screen.getByLabelText<HTMLTextAreaElement>('Your 24 words');
    await userEvent.click(field);
    await userEvent.paste(WORDS.slice(0, 23).join('\n'));
    await choose(/Try it on this/u);
    expect(screen.getByText(/23 of 24 words/u)).toBeDefined();
    expect(screen.getByRole<HTMLButtonElement>('button', { name: LOOK }).disabled).toBe(true);
    await userEvent.click(field);
    await userEvent.paste(` ${LAST}`);
    await expectAccessible(container);
    await press(LOOK);
    await screen.findByText('The words do not fit together.');
    expect(field.value).toContain(LAST);
    expect(shell.requests('onboarding_check')).toEqual([{ source: { phrase: WORDS.join(' ') } }]);
    expect(shell.requests('onboarding_restore')).toHaveLength(0);
    expect(onBegun).not.toHaveBeenCalled();
  });

  it('hold each word against the list, and put a slip right', async () => {
    const { container } = showOnboarding();
    await choose(/Restore an identity/u);
    await choose(/Try it on this/u);
    const field = screen.getByLabelText<HTMLTextAreaElement>('Your 24 words');
    await userEvent.click(field);
    await userEvent.paste(`abadnon ${WORDS.slice(1).join(' ')}`);
    await screen.findByText('Word 1, “\u2068abadnon\u2069”, is not in the list.');
    await expectAccessible(container);
    expect(screen.getByRole<HTMLButtonElement>('button', { name: LOOK }).disabled).toBe(true);
    await press('Use “abandon”');
    expect(field.value.startsWith('abandon ')).toBe(true);
    expect(document.activeElement).toBe(field);
    expect(screen.queryByText(/is not in the list/u)).toBeNull();
    expect(screen.getByRole<HTMLButtonElement>('button', { name: LOOK }).disabled).toBe(false);
  });

  it('restore from a sealed file, and keep file and passphrase when it is wrong', async () => {
    shell.on('onboarding_check', () => {
      throw fakeError('wrong_key', 'The passphrase does not open the file.', 'after_user_action');
    });
    const { container } = showOnboarding();
    await choose(/Restore an identity/u);
    await choose(/A sealed file/u);
    await choose(/Try it on this/u);
    expect(screen.getByRole<HTMLButtonElement>('button', { name: LOOK }).disabled).toBe(true);
    await press('Choose the sealed file…');
    await screen.findByText('A sealed file is chosen.');
    const passphrase = screen.getByLabelText<HTMLInputElement>('Passphrase of the file');
    await userEvent.type(passphrase, 'almost right{Enter}');
    await screen.findByText('The passphrase does not open the file.');
    await expectAccessible(container);
    expect(passphrase.value).toBe('almost right');
    expect(shell.requests('onboarding_check')).toEqual([
      { source: { sealed: { selection: 'sealed-1', passphrase: 'almost right' } } },
    ]);
  });

  it('say so when the networks cannot be read', async () => {
    shell.on('onboarding_networks', () => {
      throw fakeError('local_file', 'networks.json is unreadable');
    });
    showOnboarding();
    await choose(/Create a new/u);
    await screen.findByText('networks.json is unreadable');
  });
});
