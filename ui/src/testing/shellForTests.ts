import { cleanup } from '@testing-library/react';
import { afterEach, beforeEach } from 'vitest';

import { useLibraryPlaces } from '../features/library/libraryPlaces';
import { useLiveTraffic } from '../ipc/liveTraffic';
import { useLiveTransfers } from '../ipc/liveTransfers';
import { NO_TRAFFIC } from '../lib/traffic';
import { FakeShell } from './fakeShell';

/** A fake shell for the tests of a file: each finds it as new, and leaves no page behind. */
export function shellForTests(): FakeShell {
  const shell = new FakeShell();
  beforeEach(() => {
    shell.reset();
    shell.install();
    window.location.hash = '';
  });
  afterEach(() => {
    cleanup();
    shell.remove();
    useLiveTransfers.setState({ report: null, etas: {}, error: null });
    useLibraryPlaces.getState().forget();
    useLiveTraffic.setState({ log: NO_TRAFFIC });
    document.documentElement.dir = 'ltr';
    delete document.documentElement.dataset['theme'];
  });
  return shell;
}
