import { act, screen, waitFor } from '@testing-library/react';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { HostingScreen } from '../features/hosting/HostingScreen';
import { NetworkScreen } from '../features/network/NetworkScreen';
import { Bandwidth } from '../features/settings/Bandwidth';
import { exampleViews } from '../testing/examples';
import { show } from '../testing/show';
import { shellForTests } from '../testing/shellForTests';

const shell = shellForTests();

let visibility: DocumentVisibilityState = 'visible';

beforeEach(() => {
  visibility = 'visible';
  vi.spyOn(document, 'visibilityState', 'get').mockImplementation(() => visibility);
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

const become = (state: DocumentVisibilityState) =>
  act(() => {
    visibility = state;
    document.dispatchEvent(new Event('visibilitychange'));
  });

const asked = (command: string) => shell.requests(command).length;

describe('what is asked for in a beat', () => {
  it.each([
    ['hosting', <HostingScreen key="hosting" />, 'Lent at most'],
    ['bandwidth', <Bandwidth key="bandwidth" />, 'No speed limit is set.'],
    ['network_hosts', <NetworkScreen key="hosts" status={exampleViews.running.status} />, 'Experience'],
  ])(
    'is not while the window is hidden, and at once when it is back: %s',
    async (command, screenOf, told) => {
      show(screenOf);
      await screen.findByText(told);
      expect(asked(command)).toBe(1);
      await act(() => vi.advanceTimersByTimeAsync(15_000));
      await waitFor(() => expect(asked(command)).toBe(2));
      await become('hidden');
      expect(vi.getTimerCount()).toBe(0);
      await act(() => vi.advanceTimersByTimeAsync(60_000));
      expect(asked(command)).toBe(2);
      await become('visible');
      await waitFor(() => expect(asked(command)).toBe(3));
      expect(vi.getTimerCount()).toBeGreaterThan(0);
    },
  );
});
