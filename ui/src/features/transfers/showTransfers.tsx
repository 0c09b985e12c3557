// The transfers for their tests, once the shell has answered.

import { act } from '@testing-library/react';

import { useLiveTransfers } from '../../ipc/liveTransfers';
import { show } from '../../testing/show';
import { TransfersScreen } from './TransfersScreen';

export async function showTransfers() {
  const page = show(
    <main>
      <TransfersScreen />
    </main>,
  );
  await act(() => useLiveTransfers.getState().refresh());
  return page;
}
