import { screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it } from 'vitest';

import { expectAccessible } from '../../testing/accessibility';
import { fakeFile, fakeHealth } from '../../testing/fakeLibrary';
import { shellForTests } from '../../testing/shellForTests';
import { grid, row, showLibrary } from './showLibrary';

const shell = shellForTests();

describe('a library of which nobody has heard for weeks', () => {
  it('shows only what waits for a check', async () => {
    shell.files = [
      fakeFile({ name: '/old.txt', id: '1', health: { ...fakeHealth(30), state: 'waiting' } }),
      fakeFile({ name: '/whole.txt', id: '2' }),
    ];
    const { onState, unmount } = showLibrary();
    await grid();
    await userEvent.selectOptions(screen.getByRole('combobox', { name: 'Show' }), 'Waiting');
    expect(onState).toHaveBeenCalledWith('waiting');
    unmount();
    const { container } = showLibrary({ state: 'waiting' });
    await row(/old\.txt.*Waiting/u);
    expect(screen.queryByRole('row', { name: /whole/u })).toBeNull();
    await expectAccessible(container);
  });
});
