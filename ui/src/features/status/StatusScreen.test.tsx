import { cleanup, render, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, describe, expect, it, vi } from 'vitest';

import { expectAccessible } from '../../accessibility';
import { exampleViews, runningView } from '../../ipc/examples';
import type { NodeView } from '../../ipc/node';
import { StatusScreen } from './StatusScreen';

afterEach(cleanup);

function show(view: NodeView, onRetry: () => Promise<void> = () => Promise.resolve()) {
  const page = render(
    <main>
      <StatusScreen view={view} onRetry={onRetry} />
    </main>,
  );
  return { ...page, text: () => page.container.textContent };
}

/** A promise that the test ends. */
function openPromise() {
  const ends: (() => void)[] = [];
  const promise = new Promise<void>((resolve) => ends.push(resolve));
  return { promise, finish: () => ends.forEach((end) => end()) };
}

describe('a running node', () => {
  it('shows who it is, how it is connected, what it stores and what it lends', async () => {
    const { container, text } = show(exampleViews.running);
    expect(text()).toContain('12D3KooWEyoppNCUx8Yx66oV9fJnriXwCcXwDDUA2kj6vnc6iDEp');
    expect(text()).toContain('layr-test');
    expect(text()).toContain('/ip4/192.168.1.20/tcp/4100');
    expect(text()).toContain('Behind a router');
    expect(text()).toContain('14');
    expect(text()).toContain('1,204');
    expect(text()).toContain('48.3 GB');
    expect(text()).toContain('28 of 30 parts stored, any 10 bring it back');
    expect(screen.getByRole('img', { name: '120 GB used and 4 GB reserved of 500 GB' })).toBeDefined();
    const transfers = within(screen.getByRole('region', { name: 'Transfers' }));
    expect(transfers.getByText('734 MB of 1.93 GB')).toBeDefined();
    await expectAccessible(container);
  });

  it('says plainly that nothing is stored and nothing is lent', async () => {
    const { container, text } = show(
      runningView({
        files: 0,
        bytes: 0,
        health: null,
        transfers: [],
        listening: [],
        hosting: { used_bytes: 0, reserved_bytes: 0, quota_bytes: 0 },
      }),
    );
    expect(text()).toContain('Nothing is stored yet');
    expect(text()).toContain('No space is lent to others');
    expect(screen.queryByRole('region', { name: 'Transfers' })).toBeNull();
    expect(screen.queryByRole('img')).toBeNull();
    await expectAccessible(container);
  });

  it('shows space that is still used after the quota was lowered', () => {
    show(runningView({ hosting: { used_bytes: 9e9, reserved_bytes: 0, quota_bytes: 1e9 } }));
    const bar = screen.getByRole('img', { name: '9 GB used and 0 bytes reserved of 1 GB' });
    const widths = [...bar.querySelectorAll('rect')].map((rect) => Number(rect.getAttribute('width')));
    expect(Math.max(...widths)).toBe(100);
  });

  it('keeps hostile and very long names inside their line', () => {
    const name = `/${'long '.repeat(2000)}\u202Egpj.exe`;
    const transfer = { id: 1, kind: 'get', name, done_bytes: 0, total_bytes: 0 };
    const { text } = show(runningView({ transfers: [transfer] }));
    expect(text()).not.toContain('\u202E');
    expect(text()).toContain('Download');
    expect(text()).toContain('counting…');
  });

  it('stays accessible from right to left', async () => {
    document.documentElement.dir = 'rtl';
    const { container } = show(exampleViews.running);
    await expectAccessible(container);
    document.documentElement.dir = 'ltr';
  });
});

describe('a node that does not run', () => {
  it('names the command that creates an identity', async () => {
    const { container, text } = show(exampleViews.no_identity);
    expect(text()).toContain('Needs you');
    expect(screen.getByText('layr init')).toBeDefined();
    await expectAccessible(container);
  });

  it('names the process that holds the home', async () => {
    const { container, text } = show(exampleViews.home_in_use);
    expect(text()).toContain('process 4711');
    expect(screen.getByText('layr --home /srv/layr stop')).toBeDefined();
    await expectAccessible(container);
  });

  it('says so when the holder has not written its number yet', () => {
    const { text } = show({ ...exampleViews.home_in_use, pid: null });
    expect(text()).not.toContain('process');
  });

  it.each(['locked', 'failed'] as const)(
    'shows what happened, what is safe and what to do: %s',
    async (phase) => {
      const view = exampleViews[phase];
      const { container, text } = show(view);
      expect(text()).toContain(view.message);
      expect(text()).toMatch(/keys stay sealed|not affected/u);
      await expectAccessible(container);
    },
  );

  it('checks again by keyboard, once at a time', async () => {
    const person = userEvent.setup();
    const { promise, finish } = openPromise();
    const onRetry = vi.fn<() => Promise<void>>(() => promise);
    show(exampleViews.no_identity, onRetry);
    await person.tab();
    const button = screen.getByRole('button', { name: 'Check again' });
    expect(document.activeElement).toBe(button);
    await person.keyboard('{Enter}');
    expect(screen.getByRole<HTMLButtonElement>('button', { name: 'Checking…' }).disabled).toBe(true);
    finish();
    await screen.findByRole('button', { name: 'Check again' });
    expect(onRetry).toHaveBeenCalledTimes(1);
  });

  it('offers nothing to press while it starts', async () => {
    const { container, text } = show(exampleViews.starting);
    expect(text()).toContain('The node is starting');
    expect(screen.queryByRole('button')).toBeNull();
    await expectAccessible(container);
  });
});
