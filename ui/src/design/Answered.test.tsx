import { act, cleanup, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { useFollowed } from '../ipc/useFollowed';
import { fakeError } from '../testing/fakeShell';
import { show } from '../testing/show';
import { Answered } from './Answered';

const BEAT_MS = 5000;
const REFUSED = fakeError('no_node', 'The node has stopped.');

beforeEach(() => void vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] }));
afterEach(() => {
  cleanup();
  vi.useRealTimers();
});

const turn = () => new Promise<void>((resolve) => void setTimeout(resolve));
/** Until what the query tells, which takes some turns of the event loop, has been drawn. */
const settle = () => act(() => turn().then(turn).then(turn));

/** A question asked in a beat; each is answered or refused by the test. */
function showFollowed() {
  const open: { answer: (text: string) => void; refuse: () => void }[] = [];
  const ask = () =>
    new Promise<string>((resolve, reject) => {
      open.push({ answer: resolve, refuse: () => reject(REFUSED) });
    });
  function Followed() {
    return <Answered query={useFollowed(['example'], ask, BEAT_MS)}>{(text) => <p>{text}</p>}</Answered>;
  }
  show(<Followed />);
  return {
    beat: async () => {
      await act(() => vi.advanceTimersByTimeAsync(BEAT_MS));
      await settle();
    },
    refuse: async () => {
      open.shift()?.refuse();
      await settle();
    },
    answer: async (text: string) => {
      open.shift()?.answer(text);
      await settle();
    },
  };
}

const retry = () => screen.getByRole('button', { name: 'Try again' });

describe('a question that is asked in a beat', () => {
  it('keeps saying that it failed while it is asked again, and goes on by itself', async () => {
    const { beat, refuse, answer } = showFollowed();
    expect(screen.getByRole('status', { name: 'Loading…' })).toBeDefined();
    await refuse();
    const alert = screen.getByRole('alert');
    act(() => retry().focus());
    const focused = document.activeElement;
    await beat();
    expect(screen.getByRole('alert')).toBe(alert);
    expect(screen.queryByRole('status')).toBeNull();
    await refuse();
    expect(screen.getByRole('alert')).toBe(alert);
    expect(document.activeElement).toBe(focused);
    await beat();
    await answer('as it is');
    expect(screen.getByText('as it is')).toBeDefined();
    expect(screen.queryByRole('alert')).toBeNull();
  });

  it('says that it is asked again where a person did', async () => {
    const { refuse } = showFollowed();
    await refuse();
    await userEvent.click(retry());
    expect(document.activeElement?.textContent).toBe('Working…');
    await refuse();
    expect(document.activeElement).toBe(retry());
  });
});
