import { cleanup, screen } from '@testing-library/react';
import { describe, expect, it, vi } from 'vitest';

import { expectAccessible } from '../../testing/accessibility';
import { fakeCost, fakeReview } from '../../testing/fakeReports';
import { fakeError } from '../../testing/fakeShell';
import { show } from '../../testing/show';
import { ReviewSheet, type ReviewSheetProps } from './ReviewSheet';

function showSheet(props: Partial<ReviewSheetProps>) {
  const idle = { review: undefined, error: null, isCounting: false, isRunning: false, isOtherRunning: false };
  show(
    <ReviewSheet
      {...idle}
      onConfirm={vi.fn<() => void>()}
      onRecount={vi.fn<() => void>()}
      onClose={vi.fn<() => void>()}
      {...props}
    />,
  );
  return document.body;
}

const store = () => screen.getByRole('button', { name: 'Store' });

describe('the review of an upload', () => {
  it('shows count, sizes, what is stored already, cost and what is left out', async () => {
    const body = showSheet({ review: fakeReview({ cost_xlm_per_month: '1.25', destination: '/photos' }) });
    for (const text of ['312', '1.93 GB', '200 MB', '5.2 GB', '1.25 XLM a month', '/photos']) {
      expect(screen.getByText(text)).toBeDefined();
    }
    expect(screen.getByText('1,200 items are left out')).toBeDefined();
    expect(screen.getByText(/neither a file nor a folder/u)).toBeDefined();
    expect(screen.getByText('and 1,199 more')).toBeDefined();
    await expectAccessible(body);
  });

  it('shows what a term costs before anything is spent, and nothing of it where hosts are free', async () => {
    const body = showSheet({ review: fakeReview({ cost: fakeCost() }) });
    for (const text of [
      'For 91 days',
      /^3\.5 XLM to hosts/u,
      /^4\.1 XLM; what hosts do not earn/u,
      /^0\.7 XLM, which/u,
    ]) {
      expect(screen.getByText(text)).toBeDefined();
    }
    expect((store() as HTMLButtonElement).disabled).toBe(false);
    await expectAccessible(body);
    cleanup();
    showSheet({ review: fakeReview({ cost: fakeCost({ deposit_xlm: '0' }) }) });
    expect(screen.queryByText('For 91 days')).toBeNull();
  });

  it('cannot be confirmed while money is missing, and says how much', async () => {
    const shortage = '2.5 lumens are missing.';
    const body = showSheet({ review: fakeReview({ cost: fakeCost({ shortage }) }) });
    expect(screen.getByText(shortage)).toBeDefined();
    expect((store() as HTMLButtonElement).disabled).toBe(true);
    await expectAccessible(body);
  });

  it('does not call an unknown cost free', () => {
    showSheet({ review: fakeReview({ cost_xlm_per_month: null }) });
    expect(screen.getByText('Not known')).toBeDefined();
    expect(screen.queryByText('Free')).toBeNull();
  });

  it('cannot be confirmed before it is counted, nor when nothing would be stored', () => {
    showSheet({});
    expect(screen.getByText(/Nothing is sent yet/u)).toBeDefined();
    expect((store() as HTMLButtonElement).disabled).toBe(true);
    cleanup();
    showSheet({ review: fakeReview({ files: 0 }) });
    expect(screen.getByText('There is nothing here that can be stored.')).toBeDefined();
    expect((store() as HTMLButtonElement).disabled).toBe(true);
  });

  it('says that it counts again, in place of why it could not before', () => {
    showSheet({
      error: fakeError('local_file', 'The disk was removed.', 'after_user_action'),
      isCounting: true,
    });
    expect(screen.getByText(/Nothing is sent yet/u)).toBeDefined();
    expect(screen.queryByText('The disk was removed.')).toBeNull();
    expect((store() as HTMLButtonElement).disabled).toBe(true);
  });

  it('says that nothing was stored and that nothing waits, whatever was in the way', () => {
    for (const code of ['not_enough_hosts', 'network_unreachable', 'not_enough_space'] as const) {
      const { textContent } = showSheet({ error: fakeError(code, 'Only 4 of 12 hosts.', 'automatic') });
      expect(textContent).toContain('Nothing was stored, and nothing waits.');
      expect(textContent).not.toMatch(/Layr tries again/u);
      cleanup();
    }
  });

  it('says why the files cannot be stored', async () => {
    const body = showSheet({ error: fakeError('local_file', 'The disk was removed.', 'after_user_action') });
    expect(screen.getByRole('alert').textContent).toContain('The disk was removed.');
    await expectAccessible(body);
  });
});
