import { describe, expect, it } from 'vitest';

import { fakeTransfer, fakeTransfers } from '../../testing/fakeReports';
import { actionsOf, countTransfers, inOrder, shownState, transferFigures, transferReason } from './model';

describe('the state of a transfer', () => {
  it('is never greener than the truth', () => {
    expect(shownState(fakeTransfer({ state: 'running' }))).toEqual({ word: 'uploading' });
    expect(shownState(fakeTransfer({ state: 'failed', retry: 'after_user_action' }))).toEqual({
      word: 'needsYou',
    });
    expect(shownState(fakeTransfer({ state: 'failed', retry: null }))).toEqual({ word: 'needsYou' });
    expect(shownState(fakeTransfer({ state: 'done' }))).toEqual({ text: 'Finished' });
  });

  it('calls a download no upload', () => {
    expect(shownState(fakeTransfer({ kind: 'download' }))).toEqual({ text: 'Downloading' });
  });
});

describe('what is said of a transfer', () => {
  it('is its stage while it runs, also one that this page does not know', () => {
    expect(transferReason(fakeTransfer({ stage: 'sending' }))).toBe('Sending to hosts');
    expect(transferReason(fakeTransfer({ stage: 'polishing' }))).toBe('polishing');
  });

  it('counts the parts that are with hosts once their number is known, and only while it runs', () => {
    const counted = fakeTransfer({ done_shards: 412, total_shards: 1290 });
    expect(transferReason(counted)).toBe('Sending to hosts · 412 of 1,290 parts');
    expect(transferReason(fakeTransfer({ done_shards: 0, total_shards: 1 }))).toBe(
      'Sending to hosts · 0 of 1 part',
    );
    expect(transferReason(fakeTransfer({ done_shards: 0, total_shards: 0 }))).toBe('Sending to hosts');
    expect(transferReason({ ...counted, state: 'paused', reason: 'You paused it.' })).toBe('You paused it.');
  });

  it('is a reason whenever it does not move', () => {
    expect(transferReason(fakeTransfer({ state: 'waiting', reason: null }))).toBe('Waiting for its turn.');
    expect(transferReason(fakeTransfer({ state: 'paused', reason: 'You paused it.' }))).toBe(
      'You paused it.',
    );
    expect(transferReason(fakeTransfer({ state: 'failed', reason: 'No room.', retry: 'never' }))).toBe(
      'No room. Trying the same again will not help.',
    );
  });

  it('is what to do where something is in the way of a download', () => {
    const failed = { state: 'failed', reason: '/home/ada/plan.odt exists.', code: 'conflict' } as const;
    const download = fakeTransfer({ ...failed, kind: 'download', retry: 'after_user_action' });
    expect(transferReason(download)).toMatch(
      /^\/home\/ada\/plan\.odt exists\. Rename or move what is in the way and press Retry\. Or cancel this/u,
    );
    expect(transferReason({ ...download, kind: 'upload' })).toContain('pressed Retry');
    expect(transferReason({ ...download, code: 'disk_full' })).toContain('when you have put this right');
    expect(transferReason({ ...download, retry: 'never' })).toContain('will not help');
  });

  it('holds rate and remaining time only once they are measured, and only while it moves', () => {
    expect(transferFigures(fakeTransfer({}), 285)).toContain('4.2 MB/s · about 5 minutes left');
    const unmeasured = { rate_bytes_per_s: null, eta_s: null };
    expect(transferFigures(fakeTransfer(unmeasured), null)).toBe('734 MB of 1.93 GB · 312 of 840 files');
    expect(transferFigures(fakeTransfer({ state: 'paused' }), 285)).toBe(
      '734 MB of 1.93 GB · 312 of 840 files',
    );
    expect(transferFigures(fakeTransfer({ total_bytes: 0, total_files: 0, ...unmeasured }), null)).toBe(
      'counting…',
    );
  });
});

const actions = (changes: Parameters<typeof fakeTransfer>[0]) => actionsOf(fakeTransfer(changes));

describe('what can be done with a transfer', () => {
  it('depends on its state', () => {
    expect(actions({ state: 'running' })).toEqual(['pause', 'cancel']);
    expect(actions({ state: 'waiting' })).toEqual(['pause', 'cancel']);
    expect(actions({ state: 'waiting', code: 'disk_full' })).toEqual(['retry', 'pause', 'cancel']);
    expect(actions({ state: 'paused' })).toEqual(['resume', 'cancel']);
    expect(actions({ state: 'failed' })).toEqual(['retry', 'cancel']);
    expect(actions({ state: 'failed', retry: 'never' })).toEqual(['cancel']);
    expect(actions({ state: 'done' })).toEqual([]);
    expect(actions({ state: 'done', kind: 'download' })).toEqual(['reveal']);
    expect(actions({ state: 'cancelled' })).toEqual([]);
  });
});

const withFailed = () => [...fakeTransfers().transfers, fakeTransfer({ id: 8, state: 'failed' })];

describe('the order', () => {
  it('has what needs a look on top and what has ended at the bottom, the last to end first', () => {
    const ids = inOrder(withFailed()).map(({ id }) => id);
    expect(ids).toEqual([8, 1, 2, 3, 5, 4, 7, 6]);
  });
});

describe('the totals', () => {
  it('count every transfer once', () => {
    const transfers = withFailed();
    const counts = countTransfers(transfers);
    expect(counts).toMatchObject({ moving: 2, still: 3, failed: 1, ended: 2 });
    expect(counts.leftBytes).toBe(5 * (1_932_735_283 - 734_003_200));
    expect(counts.moving + counts.still + counts.failed + counts.ended).toBe(transfers.length);
  });
});
