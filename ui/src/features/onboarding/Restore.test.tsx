import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it, vi } from 'vitest';

import { expectAccessible } from '../../testing/accessibility';
import { fakeRestorePreview } from '../../testing/fakeReports';
import { fakeError, WORDS } from '../../testing/fakeShell';
import { keptByCommands, show } from '../../testing/show';
import { shellForTests } from '../../testing/shellForTests';
import { Onboarding, type Way } from './Onboarding';

const shell = shellForTests();

const PHRASE = WORDS.join(' ');
const press = (name: string) => userEvent.click(screen.getByRole('button', { name }));
const title = () => screen.findByRole('heading', { name: 'What will come back' });

/** A restore as far as it is shown what comes back. */
async function lookAtIt() {
  const onBegun = vi.fn<(way: Way) => void>();
  const page = show(
    <main>
      <h1>Layr</h1>
      <Onboarding onBegun={onBegun} />
    </main>,
  );
  await userEvent.click(await screen.findByRole('radio', { name: /Restore an identity/u }));
  await userEvent.click(await screen.findByRole('radio', { name: /Try it on this/u }));
  await userEvent.click(screen.getByLabelText('Your 24 words'));
  await userEvent.paste(PHRASE);
  await press('See what comes back');
  await title();
  return { ...page, onBegun };
}

describe('a restore', () => {
  it('says whose keys come back, from where, and what does not, before it writes anything', async () => {
    const { container, onBegun, queryClient } = await lookAtIt();
    const { owner } = fakeRestorePreview();
    expect(screen.getByText(owner).tagName).toBe('CODE');
    expect(screen.getByText('Try it on this computer')).toBeDefined();
    expect(screen.getByText('It is not here')).toBeDefined();
    expect(
      screen.getByText(/^The restore brings back the keys\. The files follow when you import/u),
    ).toBeDefined();
    expect(document.activeElement).toBe(await title());
    await expectAccessible(container);
    // An Enter that is still held down confirms nothing.
    await userEvent.keyboard('{Enter}');
    expect(shell.requests('onboarding_restore')).toHaveLength(0);
    await waitFor(() => expect(keptByCommands(queryClient)).not.toContain(WORDS[0]));
    await press('Restore');
    await waitFor(() => expect(onBegun).toHaveBeenCalledWith('restore'));
    expect(shell.requests('onboarding_check')).toEqual([{ source: { phrase: PHRASE } }]);
    expect(shell.requests('onboarding_restore')).toEqual([
      { network: 'try_out', source: { phrase: PHRASE } },
    ]);
  });

  it('says where the library lies here already', async () => {
    shell.on('onboarding_check', () => fakeRestorePreview({ is_known_here: true }));
    await lookAtIt();
    expect(screen.getByText('It lies here already')).toBeDefined();
    expect(screen.queryByText(/files follow/u)).toBeNull();
  });

  it('leads back to the words, which are still typed, and looks again', async () => {
    await lookAtIt();
    await press('Back to the words');
    expect(screen.getByLabelText<HTMLTextAreaElement>('Your 24 words').value).toBe(PHRASE);
    expect(shell.requests('onboarding_restore')).toHaveLength(0);
    shell.on('onboarding_check', () => {
      throw fakeError('other_owner', 'Another library lies here.');
    });
    await press('See what comes back');
    await screen.findByText('Another library lies here.');
    expect(screen.queryByRole('button', { name: 'Restore' })).toBeNull();
  });

  it('asks for a passphrase where there is no keyring, beside what comes back', async () => {
    shell.on('onboarding_restore', ({ passphrase }: { passphrase?: string }) => {
      if (passphrase === undefined) {
        throw fakeError('keyring_unavailable', 'The keyring is locked.', 'after_user_action');
      }
      return null;
    });
    const { container, onBegun } = await lookAtIt();
    await press('Restore');
    const sealing = within(await screen.findByRole('group', { name: 'The keyring could not be used' }));
    await userEvent.type(sealing.getByLabelText('Passphrase'), 'long enough');
    await userEvent.type(sealing.getByLabelText('Passphrase, once more'), 'long enough');
    await expectAccessible(container);
    await press('Restore');
    await waitFor(() => expect(onBegun).toHaveBeenCalledTimes(1));
    expect(shell.requests('onboarding_check')).toHaveLength(1);
  });
});
