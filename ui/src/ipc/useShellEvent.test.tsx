import { act, render, screen, waitFor } from '@testing-library/react';
import { useState } from 'react';
import { expect, it, vi } from 'vitest';

import { shellForTests } from '../testing/shellForTests';
import * as events from './events';
import { useShellEvent } from './useShellEvent';

const shell = shellForTests();

/** Its callback is another one after every event. */
function Counted() {
  const [to, setTo] = useState('');
  useShellEvent('navigate', (event) => setTo(`${to}${event.to}`));
  return <p>{to}</p>;
}

it('listens once, and the newest callback hears', async () => {
  const listen = vi.spyOn(events, 'onShellEvent');
  render(<Counted />);
  for (const to of ['/a', '/b', '/c']) {
    // eslint-disable-next-line no-await-in-loop -- one event after the other
    await act(() => shell.emit('navigate', { to }));
  }
  await waitFor(() => expect(screen.getByText('/a/b/c')).toBeDefined());
  expect(listen).toHaveBeenCalledTimes(1);
  listen.mockRestore();
});
