import { act, renderHook } from '@testing-library/react';
import { describe, expect, it, vi } from 'vitest';

import { thrownText } from './errors';
import { useCommands } from './useCommands';

const onDone = vi.fn<() => void>();

/** A command whose outcome the test decides. */
function held() {
  const ends: { done: () => void; failed: (why: Error) => void }[] = [];
  const command = () =>
    new Promise<void>((resolve, reject) => {
      ends.push({ done: resolve, failed: reject });
    });
  return { command, end: () => ends[0] };
}

describe('commands to many things', () => {
  it('tell of the last press only, however late an earlier one fails', async () => {
    const { result } = renderHook(() => useCommands(onDone));
    const [first, second, other] = [held(), held(), held()];
    act(() => {
      result.current.run({ key: '1' }, first.command);
      result.current.run({ key: '1' }, second.command);
      result.current.run({ key: '2' }, other.command);
    });
    await act(async () => {
      second.end()?.done();
      other.end()?.failed(new Error('of the other'));
    });
    await act(async () => first.end()?.failed(new Error('late')));
    expect(onDone).toHaveBeenCalledTimes(1);
    expect(result.current.failures.map(({ error }) => error && thrownText(error))).toEqual(['of the other']);
    act(() => result.current.run({ key: '1' }, () => Promise.reject(new Error('of the last'))));
    await vi.waitFor(() => expect(result.current.failures).toHaveLength(2));
  });
});
