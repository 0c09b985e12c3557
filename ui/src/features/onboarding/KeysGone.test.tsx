import { act, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it } from 'vitest';

import { expectAccessible } from '../../testing/accessibility';
import { fakeError, WORDS } from '../../testing/fakeShell';
import { keptByCommands, show } from '../../testing/show';
import { shellForTests } from '../../testing/shellForTests';
import { KeysGone } from './KeysGone';

const shell = shellForTests();

const showKeysGone = (mayReturn = false) =>
  show(
    <main>
      <h1>Layr</h1>
      <KeysGone reason="the keyring holds no keys of this home" mayReturn={mayReturn} />
    </main>,
  );

const confirm = () => screen.getByRole<HTMLButtonElement>('button', { name: 'Bring the keys back' });
const phrase = () => screen.getByLabelText<HTMLTextAreaElement>('Your 24 words');

async function pasteWords() {
  await userEvent.click(phrase());
  await userEvent.paste(WORDS.join(' '));
}

describe('keys that are gone', () => {
  it('are told with what is safe, and come back by the words, which are let go then', async () => {
    const { container, queryClient, text } = showKeysGone();
    expect(text()).toContain('the keyring holds no keys of this home');
    expect(text()).toContain('Your files are untouched');
    expect(text()).not.toContain('The list of your files does not come back');
    expect(confirm().disabled).toBe(true);
    await expectAccessible(container);
    await pasteWords();
    await userEvent.click(confirm());
    await waitFor(() => expect(phrase().value).toBe(''));
    expect(shell.requests('keys_restore')).toEqual([{ source: { phrase: WORDS.join(' ') } }]);
    await waitFor(() => expect(keptByCommands(queryClient)).not.toContain(WORDS[0]));
  });

  it('are sealed with a passphrase where there is no keyring', async () => {
    shell.on('keys_restore', ({ passphrase }: { passphrase?: string }) => {
      if (passphrase === undefined) {
        throw fakeError('keyring_unavailable', 'The keyring is locked.', 'after_user_action');
      }
      return null;
    });
    const { container } = showKeysGone();
    await pasteWords();
    await userEvent.click(confirm());
    await screen.findByText('The keyring is locked.');
    await userEvent.type(screen.getByLabelText('Passphrase'), 'long enough');
    await userEvent.click(confirm());
    await screen.findByText('The two are not the same.');
    expect(shell.requests('keys_restore')).toHaveLength(1);
    await expectAccessible(container);
    await userEvent.type(screen.getByLabelText('Passphrase, once more'), 'long enough{Enter}');
    await waitFor(() => expect(phrase().value).toBe(''));
    expect(shell.requests('keys_restore').at(-1)).toEqual({
      source: { phrase: WORDS.join(' ') },
      passphrase: 'long enough',
    });
    expect(screen.getByLabelText<HTMLInputElement>('Passphrase').value).toBe('');
  });
});

describe('keys that are there again', () => {
  it('are told as that, and one press looks for them', async () => {
    shell.on('keys_restore', () => {
      throw fakeError('identity_exists', 'The keys of this home are there.');
    });
    const { container } = showKeysGone();
    expect(screen.queryByRole('button', { name: 'Check again' })).toBeNull();
    await pasteWords();
    await userEvent.click(confirm());
    const alert = await screen.findByRole('alert');
    expect(alert.textContent).toContain('The keys are there again.');
    expect(alert.textContent).toContain('Press “Check again”');
    await expectAccessible(container);
    await userEvent.click(screen.getByRole('button', { name: 'Check again' }));
    await waitFor(() => expect(shell.requests('retry_start')).toHaveLength(1));
  });
});

describe('keys in a keyring that does not run', () => {
  it('may be there again without the words: looking for them is in plain sight', async () => {
    const { container } = showKeysGone(true);
    await userEvent.click(screen.getByRole('button', { name: 'Check again' }));
    await waitFor(() => expect(shell.requests('retry_start')).toHaveLength(1));
    expect(shell.requests('keys_restore')).toEqual([]);
    await expectAccessible(container);
  });
});

describe('words that do not bring them back', () => {
  it.each([
    // That nothing was changed the node says itself.
    ['other_owner', 'These words belong to another identity.', 'Compare the owner'],
    ['wrong_key', 'These are not the words of this identity.', 'Nothing was changed.'],
    ['local_file', 'The keys could not be brought back.', 'Nothing else was touched.'],
  ] as const)('are named as what they are, and stay typed: %s', async (code, title, next) => {
    shell.on('keys_restore', () => {
      throw fakeError(code, 'What the node says.', 'after_user_action');
    });
    const { container } = showKeysGone();
    await pasteWords();
    await userEvent.click(confirm());
    const alert = await screen.findByRole('alert');
    expect(alert.textContent).toContain(title);
    expect(alert.textContent).toContain('What the node says.');
    expect(alert.textContent).toContain(next);
    expect(alert.textContent.includes('Nothing was changed.')).toBe(code === 'wrong_key');
    expect(phrase().value).toContain(WORDS[23]);
    await expectAccessible(container);
  });

  it('stay typed when a sealed file is chosen late', async () => {
    const files: ((file: unknown) => void)[] = [];
    shell.on('onboarding_choose_sealed', () => new Promise((resolve) => files.push(resolve)));
    showKeysGone();
    await userEvent.click(screen.getByRole('radio', { name: 'A sealed file' }));
    await userEvent.click(screen.getByRole('button', { name: 'Choose the sealed file…' }));
    await waitFor(() => expect(files).toHaveLength(1));
    await userEvent.click(screen.getByRole('radio', { name: 'The 24 words' }));
    await pasteWords();
    await act(async () => files[0]?.({ selection: 'sealed-1' }));
    expect(phrase().value).toContain(WORDS[23]);
    await userEvent.click(screen.getByRole('radio', { name: 'A sealed file' }));
    expect(screen.getByText('A sealed file is chosen.')).toBeDefined();
  });

  it('may be the right ones in a file whose passphrase is wrong', async () => {
    shell.on('keys_restore', () => {
      throw fakeError('wrong_key', 'The passphrase does not open the file.', 'after_user_action');
    });
    showKeysGone();
    await userEvent.click(screen.getByRole('radio', { name: 'A sealed file' }));
    await userEvent.click(screen.getByRole('button', { name: 'Choose the sealed file…' }));
    await screen.findByText('A sealed file is chosen.');
    await userEvent.type(screen.getByLabelText('Passphrase of the file'), 'almost right{Enter}');
    await screen.findByText('This file and this passphrase do not bring the keys back.');
    expect(screen.queryByText(/another identity\.$/u)).toBeNull();
    expect(shell.requests('keys_restore')).toEqual([
      { source: { sealed: { selection: 'sealed-1', passphrase: 'almost right' } } },
    ]);
  });
});
