import { act, cleanup, render, screen } from '@testing-library/react';
import { afterEach, describe, expect, it } from 'vitest';

import { exampleViews } from '../ipc/examples';
import type { NodeDoor, NodeView } from '../ipc/node';
import { App } from './App';

afterEach(cleanup);

function scriptedNode(first: Promise<NodeView>) {
  const listeners = new Set<(view: NodeView) => void>();
  const node: NodeDoor = {
    view: () => first,
    watch: async (onChange) => {
      listeners.add(onChange);
      return () => listeners.delete(onChange);
    },
    retryStart: () => Promise.resolve(),
  };
  const change = (view: NodeView) => act(() => listeners.forEach((listener) => listener(view)));
  return { node, change, listeners };
}

describe('the window', () => {
  it('follows the node from one view to the next', async () => {
    const { node, change } = scriptedNode(Promise.resolve(exampleViews.starting));
    render(<App node={node} />);
    await screen.findByText('The node is starting.');
    change(exampleViews.running);
    await screen.findByText('1,204');
    change(exampleViews.failed);
    await screen.findByText('library.sqlite is damaged');
  });

  it('says so when the shell does not answer', async () => {
    const { node } = scriptedNode(Promise.reject(new Error('denied')));
    render(<App node={node} />);
    expect((await screen.findByRole('alert')).textContent).toContain('cannot reach its node');
  });

  it('stops watching when it goes', async () => {
    const { node, listeners } = scriptedNode(Promise.resolve(exampleViews.starting));
    const { unmount } = render(<App node={node} />);
    await screen.findByText('The node is starting.');
    expect(listeners.size).toBe(1);
    unmount();
    expect(listeners.size).toBe(0);
  });
});
