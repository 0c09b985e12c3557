import { screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it, vi } from 'vitest';

import { expectAccessible } from '../testing/accessibility';
import { show } from '../testing/show';
import { ConfirmDialog } from './ConfirmDialog';
import { Dialog } from './Dialog';

const outside = () => document.body.querySelector<HTMLElement>('[class="shade"]') ?? document.body;

describe('a sheet', () => {
  it('keeps what was typed when somebody presses beside it, and goes by Escape', async () => {
    const onClose = vi.fn<() => void>();
    show(
      <ConfirmDialog title="Rename" confirm="Rename" onConfirm={() => undefined} onClose={onClose}>
        <input aria-label="Name" />
      </ConfirmDialog>,
    );
    await userEvent.type(screen.getByLabelText('Name'), 'a long one');
    await userEvent.click(outside());
    expect(onClose).not.toHaveBeenCalled();
    await waitFor(() => expect(document.activeElement).toBe(screen.getByLabelText('Name')));
    await userEvent.keyboard('{Escape}');
    expect(onClose).toHaveBeenCalledOnce();
  });

  it('that holds nothing goes by a press beside it', async () => {
    const onClose = vi.fn<() => void>();
    show(
      <Dialog title="Keys" onClose={onClose} isPassing>
        <button type="button">One</button>
      </Dialog>,
    );
    await userEvent.click(outside());
    expect(onClose).toHaveBeenCalledOnce();
  });

  it('says what the stop is for from which keys scroll its words', async () => {
    show(
      <Dialog title="About this" onClose={() => undefined} isTextOnly>
        <p>Many words.</p>
      </Dialog>,
    );
    expect(screen.getByRole('group', { name: 'About this' }).tabIndex).toBe(0);
    await expectAccessible(document.body);
  });
});
