import { useQuery } from '@tanstack/react-query';
import { act, screen, waitFor } from '@testing-library/react';
import { describe, expect, it } from 'vitest';

import { show } from '../testing/show';
import { refreshAnswers } from './refreshAnswers';

const KEY = ['counts'];

/** Answers with how often it was asked, and only when it is told to. */
function showSlow() {
  const held: (() => void)[] = [];
  let asked = 0;
  const slow = async () => {
    asked += 1;
    const answer = asked;
    await new Promise<void>((resolve) => held.push(resolve));
    return `answer ${answer}`;
  };
  function Page() {
    return <p>{useQuery({ queryKey: [...KEY, 'slow'], queryFn: slow }).data ?? 'nothing'}</p>;
  }
  const { queryClient } = show(<Page />);
  return {
    asked: () => asked,
    underWay: () => held.length,
    change: () => act(async () => refreshAnswers(queryClient, KEY)),
    answer: async () => {
      await waitFor(() => expect(held).toHaveLength(1));
      await act(async () => held.pop()?.());
    },
  };
}

describe('answers that become stale while they are asked for', () => {
  it('are asked for again after a first one that is under way', async () => {
    const slow = showSlow();
    await waitFor(() => expect(slow.underWay()).toBe(1));
    await slow.change();
    expect(slow.asked()).toBe(1);
    await slow.answer();
    await screen.findByText('answer 1');
    await slow.answer();
    await screen.findByText('answer 2');
    expect(slow.underWay()).toBe(0);
  });

  it('are shown when they come later than the next changes, one question at a time', async () => {
    const slow = showSlow();
    await slow.answer();
    await screen.findByText('answer 1');
    await slow.change();
    for (const next of [2, 3, 4]) {
      /* eslint-disable no-await-in-loop */
      await slow.change();
      await slow.change();
      expect(slow.underWay()).toBe(1);
      await slow.answer();
      await screen.findByText(`answer ${next}`);
      /* eslint-enable no-await-in-loop */
    }
    await slow.answer();
    await screen.findByText('answer 5');
    expect(slow.underWay()).toBe(0);
    expect(slow.asked()).toBe(5);
  });
});
