import { act, render, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, describe, expect, it, vi } from 'vitest';

import { useLiveTransfers } from '../ipc/liveTransfers';
import { fakeError } from '../testing/fakeShell';
import { shellForTests } from '../testing/shellForTests';
import { App } from './App';

const shell = shellForTests();

afterEach(() => vi.restoreAllMocks());

/** Shows a screen of the window, whose name is what this waits for. */
async function showPlace(place: string, heading: string) {
  window.location.hash = `#${place}`;
  render(<App />);
  await expectName(heading);
}

const nameOfScreen = () => screen.getByRole('heading', { level: 1 });
const expectName = (text: string) => waitFor(() => expect(nameOfScreen().textContent).toBe(text));

const press = async (name: string | RegExp) => userEvent.click(await screen.findByRole('button', { name }));
const focused = () => document.activeElement;

/** The frames in which the focus would be moved have passed by then. */
async function afterFrames(count: number): Promise<void> {
  for (let frame = 0; frame < count; frame += 1) {
    // eslint-disable-next-line no-await-in-loop -- one after the other
    await new Promise((resolve) => requestAnimationFrame(resolve));
  }
}

async function expectFocusOnName(name: string) {
  await expectName(name);
  await waitFor(() => expect(focused()).toBe(nameOfScreen()));
}

describe('a pressed button that goes', () => {
  it('leaves the focus on the name of the screen when a notice is closed', async () => {
    shell.on('choose_upload', () => {
      throw fakeError('internal', 'There is no portal.', 'after_user_action');
    });
    await showPlace('/hosting', 'Hosting');
    await userEvent.keyboard('{Control>}o{/Control}');
    await press('Close');
    await expectFocusOnName('Hosting');
  });

  it('leaves it on the name of the trash, and of the library again', async () => {
    await showPlace('/library', 'Library');
    await press('Trash');
    await expectFocusOnName('Trash');
    await press('Back to the library');
    await expectFocusOnName('Library');
  });

  it('leaves it on the name when what is resolved is cleared', async () => {
    shell.on('activity_clear', () => {
      shell.entries = shell.entries.filter(({ resolved }) => !resolved);
    });
    await showPlace('/activity', 'Activity');
    await press('Clear resolved');
    await expectFocusOnName('Activity');
  });

  it('leaves it on the name when all transfers are resumed, or what has ended is cleared', async () => {
    shell.transfers = { ...shell.transfers, paused_all: true };
    shell.on('transfer_resume', () => {
      shell.transfers = { ...shell.transfers, paused_all: false };
    });
    shell.on('transfers_clear', () => {
      shell.transfers = { ...shell.transfers, transfers: [] };
    });
    await showPlace('/transfers', 'Transfers');
    await press('Resume all');
    await expectFocusOnName('Transfers');
    await press('Clear finished');
    await screen.findByText('Nothing moves');
    await expectFocusOnName('Transfers');
  });

  it('leaves it on the name when the menu that paused all goes with its button', async () => {
    shell.on('transfers_pause_for', () => {
      shell.transfers = { ...shell.transfers, paused_all: true };
    });
    await showPlace('/transfers', 'Transfers');
    await press('Pause all for…');
    await userEvent.click(await screen.findByRole('menuitem', { name: '2 hours' }));
    await screen.findByRole('button', { name: 'Resume all' });
    await expectFocusOnName('Transfers');
  });

  it('leaves it on the words when they shall be shown again', async () => {
    shell.phraseConfirmed = false;
    await showPlace('/phrase', 'Your recovery phrase');
    await press('Show the words');
    await press('I have written them down');
    await press('Show the words again');
    await expectFocusOnName('Your recovery phrase');
  });
});

describe('a button that stays', () => {
  it('keeps the focus when its row goes behind others', async () => {
    await showPlace('/transfers', 'Transfers');
    const button = await screen.findByRole('button', { name: 'Pause: photos 2026' });
    act(() => button.focus());
    expect(button.closest('li')?.getAttribute('aria-posinset')).toBe('1');
    const transfers = shell.transfers.transfers.map((transfer) =>
      transfer.id === 1 ? { ...transfer, state: 'paused' as const } : transfer,
    );
    act(() => useLiveTransfers.getState().set({ paused_all: false, transfers }));
    await waitFor(() => expect(focused()).toBe(button));
    expect(focused()?.getAttribute('aria-label')).toBe('Resume: photos 2026');
    expect(button.closest('li')?.getAttribute('aria-posinset')).toBe('4');
  });

  it('keeps the focus while pausing turns into resuming', async () => {
    const [first, ...rest] = shell.transfers.transfers;
    shell.on('transfer_pause', () => {
      shell.transfers = {
        ...shell.transfers,
        transfers: first === undefined ? [] : [{ ...first, state: 'paused' }, ...rest],
      };
    });
    await showPlace('/transfers', 'Transfers');
    await press('Pause: photos 2026');
    const resume = await screen.findByRole('button', { name: 'Resume: photos 2026' });
    expect(focused()).toBe(resume);
  });

  it('has the focus again when it was out of use for a while', async () => {
    const answers: ((value: unknown) => void)[] = [];
    shell.on('hosting_pause', () => new Promise((resolve) => answers.push(resolve)));
    await showPlace('/hosting', 'Hosting');
    await press('Pause hosting');
    const button = screen.getByRole<HTMLButtonElement>('button', { name: 'Pause hosting' });
    await waitFor(() => expect(button.disabled).toBe(true));
    // As browsers do with the focus of a button that is out of use, and jsdom does not.
    vi.spyOn(Document.prototype, 'activeElement', 'get').mockReturnValue(document.body);
    const focus = vi.spyOn(button, 'focus');
    await act(async () => answers[0]?.({ ...shell.host, paused: true }));
    await screen.findByRole('button', { name: 'Resume hosting' });
    await waitFor(() => expect(focus).toHaveBeenCalledTimes(1));
  });

  it('has it back after the sheet that it opened', async () => {
    await showPlace('/transfers', 'Transfers');
    await press('Cancel all…');
    await userEvent.click(await screen.findByRole('button', { name: 'Keep them' }));
    await waitFor(() => expect(focused()).toBe(screen.getByRole('button', { name: 'Cancel all…' })));
  });
});

describe('another screen', () => {
  it('has the focus on its name when a key leads there', async () => {
    await showPlace('/library', 'Library');
    await userEvent.keyboard('{Control>}4{/Control}');
    await expectFocusOnName('Hosting');
  });

  it('has it when the palette leads there, and when the shell does', async () => {
    await showPlace('/library', 'Library');
    await userEvent.keyboard('{Control>}k{/Control}');
    await screen.findByRole('dialog', { name: 'Commands' });
    await userEvent.keyboard('hosting{Enter}');
    await expectFocusOnName('Hosting');
    await act(() => shell.emit('navigate', { to: '/activity' }));
    await expectFocusOnName('Activity');
  });

  it('leaves it on the link of the rail that was pressed', async () => {
    await showPlace('/library', 'Library');
    const rail = within(screen.getByRole('navigation', { name: 'Screens' }));
    const link = rail.getByRole('link', { name: 'Hosting' });
    await userEvent.click(link);
    await expectName('Hosting');
    await act(() => afterFrames(6));
    expect(focused()).toBe(link);
  });

  it('takes no focus out of a sheet', async () => {
    await showPlace('/library', 'Library');
    await userEvent.keyboard('{Control>}k{/Control}');
    const search = await screen.findByRole('searchbox', { name: 'Search commands' });
    await waitFor(() => expect(focused()).toBe(search));
    const moved = vi.fn<() => void>();
    document.addEventListener('focusin', moved, { once: true });
    await act(() => shell.emit('navigate', { to: '/hosting' }));
    await screen.findByRole('heading', { level: 1, name: 'Hosting', hidden: true });
    await act(() => afterFrames(6));
    expect(focused()).toBe(search);
    // Nor for a moment, after which the sheet would take it back.
    expect(moved).not.toHaveBeenCalled();
  });
});
