import { act, render, screen } from '@testing-library/react';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { App } from '../../app/App';
import { runningView, exampleViews } from '../../testing/examples';
import { expectAccessible } from '../../testing/accessibility';
import { shellForTests } from '../../testing/shellForTests';
import { TrafficCard } from './TrafficCard';

const shell = shellForTests();

let visibility: DocumentVisibilityState = 'visible';

beforeEach(() => {
  visibility = 'visible';
  vi.spyOn(document, 'visibilityState', 'get').mockImplementation(() => visibility);
  vi.spyOn(document, 'hasFocus').mockReturnValue(true);
  vi.useFakeTimers({ toFake: ['Date', 'setInterval', 'clearInterval'] });
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

const KB = 1000;
const told = (upKb: number, downKb: number) =>
  act(() =>
    shell.emit('node-view', runningView({ traffic: { up_bytes: upKb * KB, down_bytes: downKb * KB } })),
  );
const passS = (seconds: number) => act(() => vi.advanceTimersByTimeAsync(seconds * 1000));
const become = (state: DocumentVisibilityState) =>
  act(() => {
    visibility = state;
    document.dispatchEvent(new Event('visibilitychange'));
  });

async function showNetwork() {
  window.location.hash = '#/network';
  shell.view = runningView({ traffic: { up_bytes: 0, down_bytes: 0 } });
  const page = render(<App />);
  await screen.findByRole('region', { name: 'Traffic' });
  return page;
}
const plot = () => screen.queryByRole('img', { name: /^The last five minutes/u });
const lines = () => (plot()?.querySelector('.up')?.getAttribute('d') ?? '').split('M').length - 1;

describe('the traffic', () => {
  it('says that nothing is measured yet, then the rates in words and as a plot', async () => {
    const { container } = await showNetwork();
    expect(screen.getByText('Not measured yet.')).toBeDefined();
    expect(plot()).toBeNull();
    await passS(2);
    await told(2400, 160);
    await screen.findByText('Sending 1.2 MB/s, receiving 80 kB/s.');
    expect(plot()?.getAttribute('aria-label')).toBe(
      'The last five minutes: sending at most 1.2 MB/s, receiving at most 80 kB/s.',
    );
    expect(lines()).toBe(1);
    expect(plot()?.innerHTML).not.toContain('NaN');
    // The top of the plot, which nothing exceeds.
    expect(screen.getByText('1.2 MB/s')).toBeDefined();
    expect(screen.getByText(/^2.4 MB of data sent and 160 kB received/u)).toBeDefined();
    expect(screen.queryByText(/^Where the line is missing/u)).toBeNull();
    await expectAccessible(container);
  });

  it('comes to rest by itself when nothing is told any more', async () => {
    await showNetwork();
    await passS(2);
    await told(2400, 160);
    await screen.findByText(/^Sending \d/u);
    await passS(8);
    await screen.findByText('No data is being sent or received.');
  });

  it('has a gap for the time in which the window was hidden', async () => {
    const { container } = await showNetwork();
    await passS(2);
    await told(200, 0);
    await become('hidden');
    // One that was on its way when the window went.
    await told(300, 0);
    await passS(60);
    await become('visible');
    await screen.findByText('Not measured yet.');
    await told(9_000_000, 0);
    await passS(2);
    await told(9_000_400, 0);
    await screen.findByText('Sending 200 kB/s, receiving 0 bytes/s.');
    expect(lines()).toBe(2);
    expect(plot()?.getAttribute('aria-label')).toContain('sending at most 200 kB/s');
    expect(screen.getByText(/^Where the line is missing/u)).toBeDefined();
    await expectAccessible(container);
  });

  it('of a node at rest is known again soon after the window is back', async () => {
    await showNetwork();
    await passS(8);
    await screen.findByText('No data is being sent or received.');
    await become('hidden');
    await passS(60);
    await become('visible');
    await screen.findByText('Not measured yet.');
    await passS(8);
    await screen.findByText('No data is being sent or received.');
  });

  it('runs no timer while the window is hidden', async () => {
    render(<TrafficCard total={{ up_bytes: 0, down_bytes: 0 }} />);
    expect(vi.getTimerCount()).toBe(1);
    await become('hidden');
    expect(vi.getTimerCount()).toBe(0);
  });

  it('has a gap for the time in which no node ran', async () => {
    await showNetwork();
    await passS(2);
    await told(200, 0);
    await act(() => shell.emit('node-view', exampleViews.starting));
    await passS(2);
    await told(300, 0);
    await screen.findByText('Not measured yet.');
    await passS(2);
    await told(500, 0);
    await screen.findByText('Sending 100 kB/s, receiving 0 bytes/s.');
    expect(lines()).toBe(2);
  });
});
