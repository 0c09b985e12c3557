import { act, fireEvent, render, screen, waitFor } from '@testing-library/react';
import { type ReactNode, useState } from 'react';
import { describe, expect, it } from 'vitest';

import { shellForTests } from '../testing/shellForTests';
import { VirtualList } from './VirtualList';

shellForTests();

/** That of everything that the tests draw: no row goes once its height is known. */
const HEIGHT = 720;
const ITEMS = Array.from({ length: 1000 }, (_, id) => ({ id }));

function Numbers({ draw }: { draw: (item: { id: number }) => ReactNode }) {
  const [scroller, setScroller] = useState<HTMLElement | null>(null);
  return (
    <div ref={setScroller} data-testid="scroller">
      <VirtualList items={ITEMS} label="Numbers" usualHeight={HEIGHT} scroller={scroller}>
        {draw}
      </VirtualList>
    </div>
  );
}

describe('rows of which only the visible ones exist', () => {
  it('are drawn once, whatever comes into sight beside them', async () => {
    const drawn: number[] = [];
    render(
      <Numbers
        draw={({ id }) => {
          drawn.push(id);
          return <button type="button">{`number ${id}`}</button>;
        }}
      />,
    );
    act(() => screen.getByRole('button', { name: 'number 1' }).focus());
    const before = drawn.length;
    act(() => {
      const scroller = screen.getByTestId('scroller');
      scroller.scrollTop = 2 * HEIGHT;
      fireEvent.scroll(scroller);
    });
    await waitFor(() => expect(drawn.length).toBeGreaterThan(before));
    expect(drawn).toEqual([...new Set(drawn)]);
  });
});
