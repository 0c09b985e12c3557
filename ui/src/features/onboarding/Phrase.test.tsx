import { fireEvent, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it, vi } from 'vitest';

import { expectAccessible } from '../../testing/accessibility';
import { fakeError, WORDS } from '../../testing/fakeShell';
import { keptByCommands, show } from '../../testing/show';
import { shellForTests } from '../../testing/shellForTests';
import { PhraseScreen } from './PhraseScreen';
import { Restored } from './Restored';

const shell = shellForTests();

const LAST = WORDS[23] ?? '';

const press = (name: string) => userEvent.click(screen.getByRole('button', { name }));

describe('the recovery phrase', () => {
  it('is asked for only when it shall be shown, and leaves the page when it is hidden', async () => {
    const { container, text } = show(<PhraseScreen onClose={vi.fn<() => void>()} />);
    expect(shell.requests('phrase_show')).toHaveLength(0);
    expect(screen.getByText(/does not follow them yet: export/u)).toBeDefined();
    await press('Show the words');
    await screen.findByText(LAST);
    expect(screen.getAllByRole('listitem')).toHaveLength(24);
    await expectAccessible(container);
    expect(document.activeElement).toBe(screen.getByRole('button', { name: 'Hide the words' }));
    await press('Hide the words');
    expect(text()).not.toContain(LAST);
    expect(document.activeElement).toBe(screen.getByRole('button', { name: 'Show the words' }));
  });

  it('is nowhere in the memory of the page once it is hidden', async () => {
    const { queryClient } = show(<PhraseScreen onClose={vi.fn<() => void>()} />);
    await press('Show the words');
    await screen.findByText(LAST);
    await press('Hide the words');
    await waitFor(() => expect(keptByCommands(queryClient)).not.toContain(LAST));
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
    expect(document.activeElement).toBe(fields[0]);
    for (const field of fields) {
      // eslint-disable-next-line no-await-in-loop -- one field after the other, as a person types
      await userEvent.type(field, 'wrong');
    }
    await press('Confirm');
    expect(screen.getAllByText('This is not that word.')).toHaveLength(3);
    // What is wrong is read out with the field.
    expect(document.activeElement).toBe(fields[0]);
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
    expect(text()).toContain('The list of your files does not follow them yet');
    expect(text()).toContain('do not trust it with your only copy yet');
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

  it('is sealed once, however often Enter is pressed', async () => {
    shell.on('phrase_save', () => new Promise(() => undefined));
    show(<PhraseScreen onClose={vi.fn<() => void>()} />);
    await press('Show the words');
    await userEvent.click(await screen.findByRole('button', { name: 'Save sealed…' }));
    await userEvent.type(await screen.findByLabelText('Passphrase'), 'long enough');
    const again = screen.getByLabelText('Passphrase, once more');
    await userEvent.type(again, 'long');
    const sheet = within(screen.getByRole('dialog'));
    await userEvent.click(sheet.getByRole('button', { name: 'Choose where to save…' }));
    expect(sheet.getByText('The two are not the same.')).toBeDefined();
    expect(document.activeElement).toBe(again);
    await userEvent.type(again, ' enough');
    // What Enter does: a button outside of the form is not found by the keys of the tests.
    const form = again.closest('form') ?? document.body;
    fireEvent.submit(form);
    fireEvent.submit(form);
    await waitFor(() => expect(shell.requests('phrase_save')).toEqual([{ passphrase: 'long enough' }]));
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
        <Restored owner="6b79c57e6a095239" onClose={onClose} />
      </main>,
    );
    expect(screen.getByText(/does not come back by itself/u)).toBeDefined();
    // Any 24 words that fit together are taken: that they are the right ones only the person can tell.
    expect(screen.queryByText(/identity is back/iu)).toBeNull();
    expect(screen.getByRole('heading', { name: 'These words are in use now' })).toBeDefined();
    expect(screen.getByText('6b79c57e6a095239')).toBeDefined();
    expect(screen.getByText(/these were not your words/u)).toBeDefined();
    await expectAccessible(container);
    await press('Import a manifest…');
    await screen.findByRole('dialog', { name: 'Import into the library?' });
    await press('Import');
    await screen.findByText('40 items imported.');
    await press('Go to the library');
    expect(onClose).toHaveBeenCalledTimes(1);
  });
});
