import type { QueryClient } from '@tanstack/react-query';
import { screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it, vi } from 'vitest';

import { expectAccessible } from '../../testing/accessibility';
import { fakeError, WORDS } from '../../testing/fakeShell';
import { show } from '../../testing/show';
import { shellForTests } from '../../testing/shellForTests';
import { Onboarding, type Way } from './Onboarding';
import { PhraseScreen } from './PhraseScreen';
import { Restored } from './Restored';

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

/** What the page still holds of commands: what they asked and what was answered. */
const kept = (queryClient: QueryClient) =>
  JSON.stringify(
    queryClient
      .getMutationCache()
      .getAll()
      .map(({ state }) => [state.variables, state.data]),
  );

const choose = async (name: RegExp) => userEvent.click(await screen.findByRole('radio', { name }));
const press = (name: string) => userEvent.click(screen.getByRole('button', { name }));

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

  it('need the file of a network that is one, and keep it when the dialog is dismissed', async () => {
    const answers = [{ selection: 'sel-2', count: 3 }, { selection: 'sel-1', count: 1 }, null];
    shell.on('choose_upload', () => answers.shift() ?? null);
    showOnboarding();
    await choose(/Create a new/u);
    await choose(/A network file/u);
    expect(screen.getByRole<HTMLButtonElement>('button', { name: 'Create' }).disabled).toBe(true);
    await press('Choose a network file…');
    await screen.findByText('Choose exactly one file.');
    expect(shell.requests('selection_drop')).toEqual([{ selection: 'sel-2' }]);
    await press('Choose a network file…');
    await screen.findByText('A network file is chosen.');
    await press('Choose a network file…');
    await waitFor(() => expect(shell.requests('choose_upload')).toHaveLength(3));
    await press('Create');
    expect(shell.requests('onboarding_create')).toEqual([{ network: { selection: 'sel-1' } }]);
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
    await waitFor(() => expect(kept(queryClient)).not.toContain('long enough'));
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
    shell.on('onboarding_restore', () => {
      throw fakeError('wrong_key', 'The words do not fit together.', 'after_user_action');
    });
    const { container, onBegun } = showOnboarding();
    await choose(/Restore an identity/u);
    const field = screen.getByLabelText<HTMLTextAreaElement>('Your 24 words');
    await userEvent.click(field);
    await userEvent.paste(WORDS.slice(0, 23).join('\n'));
    await choose(/Try it on this/u);
    expect(screen.getByText(/23 of 24 words/u)).toBeDefined();
    expect(screen.getByRole<HTMLButtonElement>('button', { name: 'Restore' }).disabled).toBe(true);
    await userEvent.click(field);
    await userEvent.paste(` ${LAST}`);
    await expectAccessible(container);
    await press('Restore');
    await screen.findByText('The words do not fit together.');
    expect(field.value).toContain(LAST);
    expect(shell.requests('onboarding_restore')).toEqual([
      { network: 'try_out', source: { phrase: WORDS.join(' ') } },
    ]);
    expect(onBegun).not.toHaveBeenCalled();
  });

  it('hold each word against the list, and put a slip right', async () => {
    const { container } = showOnboarding();
    await choose(/Restore an identity/u);
    await choose(/Try it on this/u);
    const field = screen.getByLabelText<HTMLTextAreaElement>('Your 24 words');
    await userEvent.click(field);
    await userEvent.paste(`abadnon ${WORDS.slice(1).join(' ')}`);
    await screen.findByText('Word 1, “abadnon”, is not in the list.');
    await expectAccessible(container);
    expect(screen.getByRole<HTMLButtonElement>('button', { name: 'Restore' }).disabled).toBe(true);
    await press('Use “abandon”');
    expect(field.value.startsWith('abandon ')).toBe(true);
    expect(screen.queryByText(/is not in the list/u)).toBeNull();
    expect(screen.getByRole<HTMLButtonElement>('button', { name: 'Restore' }).disabled).toBe(false);
  });

  it('restore from a sealed file, and keep file and passphrase when it is wrong', async () => {
    shell.on('onboarding_restore', () => {
      throw fakeError('wrong_key', 'The passphrase does not open the file.', 'after_user_action');
    });
    const { container } = showOnboarding();
    await choose(/Restore an identity/u);
    await choose(/A sealed file/u);
    await choose(/Try it on this/u);
    expect(screen.getByRole<HTMLButtonElement>('button', { name: 'Restore' }).disabled).toBe(true);
    await press('Choose the sealed file…');
    await screen.findByText('A sealed file is chosen.');
    const passphrase = screen.getByLabelText<HTMLInputElement>('Passphrase of the file');
    await userEvent.type(passphrase, 'almost right{Enter}');
    await screen.findByText('The passphrase does not open the file.');
    await expectAccessible(container);
    expect(passphrase.value).toBe('almost right');
    expect(shell.requests('onboarding_restore')).toEqual([
      { network: 'try_out', source: { sealed: { selection: 'sealed-1', passphrase: 'almost right' } } },
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

describe('the recovery phrase', () => {
  it('is asked for only when it shall be shown, and leaves the page when it is hidden', async () => {
    const { container, text } = show(<PhraseScreen onClose={vi.fn<() => void>()} />);
    expect(shell.requests('phrase_show')).toHaveLength(0);
    await press('Show the words');
    await screen.findByText(LAST);
    expect(screen.getAllByRole('listitem')).toHaveLength(24);
    await expectAccessible(container);
    await press('Hide the words');
    expect(text()).not.toContain(LAST);
  });

  it('is nowhere in the memory of the page once it is hidden', async () => {
    const { queryClient } = show(<PhraseScreen onClose={vi.fn<() => void>()} />);
    await press('Show the words');
    await screen.findByText(LAST);
    await press('Hide the words');
    await waitFor(() => expect(kept(queryClient)).not.toContain(LAST));
  });

  it('is confirmed by three words, and only by the right ones', async () => {
    shell.phraseConfirmed = false;
    const { container, text } = show(<PhraseScreen onClose={vi.fn<() => void>()} />);
    await press('Show the words');
    await screen.findByText(LAST);
    await press('I have written them down');
    expect(text()).not.toContain(LAST);
    const fields = screen.getAllByRole('textbox');
    expect(fields).toHaveLength(3);
    for (const field of fields) {
      // eslint-disable-next-line no-await-in-loop -- one field after the other, as a person types
      await userEvent.type(field, 'wrong');
    }
    await press('Confirm');
    expect(screen.getAllByText('This is not that word.')).toHaveLength(3);
    await expectAccessible(container);
    expect(shell.requests('phrase_confirmed')).toHaveLength(0);
    for (const field of fields) {
      const number = /\d+/u.exec((field as HTMLInputElement).labels?.[0]?.textContent ?? '')?.[0];
      // eslint-disable-next-line no-await-in-loop -- as above
      await userEvent.clear(field);
      // eslint-disable-next-line no-await-in-loop -- as above
      await userEvent.type(field, (WORDS[Number(number) - 1] ?? '').toUpperCase());
    }
    await press('Confirm');
    await screen.findByRole('heading', { name: 'Confirmed' });
    expect(shell.requests('phrase_confirmed')).toHaveLength(1);
  });

  it('can be put off', async () => {
    shell.phraseConfirmed = false;
    const onClose = vi.fn<() => void>();
    show(<PhraseScreen onClose={onClose} />);
    await press('Later');
    expect(onClose).toHaveBeenCalledTimes(1);
  });

  it('that is confirmed is not asked for again', async () => {
    show(<PhraseScreen onClose={vi.fn<() => void>()} />);
    await screen.findByRole('button', { name: 'Close' });
    await press('Show the words');
    await screen.findByText(LAST);
    expect(screen.queryByRole('button', { name: 'I have written them down' })).toBeNull();
  });

  it('is printed by the shell, and says why that did not work', async () => {
    shell.on('phrase_print', () => {
      throw fakeError('internal', 'There is no printer.', 'after_user_action');
    });
    const { container } = show(<PhraseScreen onClose={vi.fn<() => void>()} />);
    expect(screen.queryByRole('button', { name: 'Print…' })).toBeNull();
    await press('Show the words');
    await userEvent.click(await screen.findByRole('button', { name: 'Print…' }));
    await screen.findByText('There is no printer.');
    expect(container.querySelectorAll('[data-printed]')).toHaveLength(1);
    expect(container.querySelector('[data-printed]')?.textContent).toContain(`24${LAST}`);
  });

  it('says so when it cannot be read', async () => {
    shell.on('phrase_show', () => {
      throw fakeError('locked', 'The keyring is locked.', 'after_user_action');
    });
    show(<PhraseScreen onClose={vi.fn<() => void>()} />);
    await press('Show the words');
    await screen.findByText('The keyring is locked.');
  });
});

describe('a restored identity', () => {
  it('says that files follow from manifests, and imports one', async () => {
    const onClose = vi.fn<() => void>();
    const { container } = show(
      <main>
        <Restored onClose={onClose} />
      </main>,
    );
    expect(screen.getByText(/does not come back by itself/u)).toBeDefined();
    await expectAccessible(container);
    await press('Import a manifest…');
    await screen.findByRole('dialog', { name: 'Import into the library?' });
    await press('Import');
    await screen.findByText('40 items imported.');
    await press('Go to the library');
    expect(onClose).toHaveBeenCalledTimes(1);
  });
});
