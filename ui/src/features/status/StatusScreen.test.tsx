import { cleanup, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, describe, expect, it, vi } from 'vitest';

import { expectAccessible } from '../../testing/accessibility';
import { exampleViews } from '../../testing/examples';
import { fakeError } from '../../testing/fakeShell';
import { show as showPart } from '../../testing/show';
import { StatusScreen, type StatusScreenProps } from './StatusScreen';

afterEach(cleanup);

function show(view: StatusScreenProps['view'], onRetry: () => Promise<void> = () => Promise.resolve()) {
  return showPart(<StatusScreen view={view} onRetry={onRetry} />);
}

/** A promise that the test ends. */
function openPromise() {
  const ends: (() => void)[] = [];
  const promise = new Promise<void>((resolve) => ends.push(resolve));
  return { promise, finish: () => ends.forEach((end) => end()) };
}

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

  it.each(['locked', 'keys_gone', 'failed'] as const)(
    'shows what happened, what is safe and what to do: %s',
    async (phase) => {
      const view = exampleViews[phase];
      const { container, text } = show(view);
      expect(text()).toContain(view.message);
      expect(text()).toMatch(/keys stay sealed|files are untouched|not affected/u);
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

  it('says why it could not be checked', async () => {
    const { container } = show(exampleViews.failed, () =>
      Promise.reject(fakeError('home_in_use', 'Another Layr is stopping.', 'after_user_action')),
    );
    await userEvent.click(screen.getByRole('button', { name: 'Check again' }));
    expect((await screen.findByRole('alert')).textContent).toContain('Another Layr is stopping.');
    expect(screen.getByRole<HTMLButtonElement>('button', { name: 'Check again' }).disabled).toBe(false);
    await expectAccessible(container);
  });

  it('offers nothing to press while it starts', async () => {
    const { container, text } = show(exampleViews.starting);
    expect(text()).toContain('The node is starting');
    expect(screen.queryByRole('button')).toBeNull();
    await expectAccessible(container);
  });
});
