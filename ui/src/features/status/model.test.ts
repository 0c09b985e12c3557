import { describe, expect, it } from 'vitest';

import type { StatusReport, Transfer } from '../../ipc/bindings';
import { exampleViews, runningView } from '../../testing/examples';
import { fakeHealth } from '../../testing/fakeLibrary';
import { fakeTransfer } from '../../testing/fakeReports';
import { nodeState, type Surroundings } from './model';

const state = (changes: Partial<StatusReport>, around: Partial<Surroundings>) =>
  nodeState(runningView({ transfers: [], ...changes }), {
    transfers: queue(),
    isQueueUnread: false,
    openActions: 0,
    isActivityUnread: false,
    isRestored: false,
    ...around,
  });
const word = (...of: Parameters<typeof state>) => state(...of).word;
const queue = (...changes: Partial<Transfer>[]) => ({
  paused_all: false,
  transfers: changes.map((change, id) => fakeTransfer({ id, ...change })),
});

const many = (changes: Partial<Transfer>) => queue(...Array.from({ length: 1234 }, () => changes));

describe('the state word', () => {
  it('asks the person where only the person can act', () => {
    for (const phase of ['no_identity', 'home_in_use', 'locked', 'keys_gone', 'failed'] as const) {
      expect(nodeState(exampleViews[phase]).word).toBe('needsYou');
    }
  });

  it('is not that of long ago where the node cannot say how it is', () => {
    const unread = nodeState(exampleViews.running_unread);
    expect(unread.word).toBe('needsYou');
    expect(unread.reason).toMatch(/The node runs, but/u);
  });

  it('is never greener than the truth', () => {
    const nearlyLost = fakeHealth(11);
    expect(word({}, {})).toBe('safe');
    expect(word({ network: 'try-out' }, {})).toBe('onlyHere');
    expect(word({ peers: 0 }, {})).toBe('offline');
    expect(word({ files: 0, health: null }, {})).toBe('waiting');
    expect(nodeState(runningView({})).word).toBe('uploading');
    expect(word({ health: nearlyLost }, {})).toBe('atRisk');
    expect(word({ health: nearlyLost, peers: 0 }, {})).toBe('atRisk');
    const stale = { ...fakeHealth(30), state: 'waiting' } as const;
    expect(state({ health: stale }, {})).toEqual({
      word: 'waiting',
      reason: 'Hosts were not checked for 14 days: how the files are is not known.',
    });
    expect(word({ health: stale, network: 'try-out' }, {})).toBe('waiting');
    expect(word({ health: stale, peers: 0 }, {})).toBe('offline');
    // The node judges, not the page.
    expect(word({ health: { alive: 30, needed: 10, total: 30, state: 'at_risk' } }, {})).toBe('atRisk');
  });
});

describe('the state of the window', () => {
  it('has what is lost first, then what is at risk, then what needs the person, then the rest', () => {
    const lost = fakeHealth(9);
    const near = fakeHealth(12);
    expect(state({ health: lost }, { openActions: 1 })).toEqual({
      word: 'needsYou',
      reason: 'A file has fewer parts left than it needs.',
    });
    expect(word({ health: near }, { openActions: 1 })).toBe('atRisk');
    expect(word({ health: near }, { transfers: queue({ state: 'failed' }) })).toBe('atRisk');
    expect(word({ health: near }, {})).toBe('atRisk');
    expect(word({ peers: 0 }, { openActions: 1 })).toBe('needsYou');
  });

  it('says that lost parts are made again, which makes nothing greener', () => {
    const transfers = [{ id: 1, kind: 'repair', name: '/', done_bytes: 0, total_bytes: 0 }];
    expect(word({ transfers }, {})).toBe('repairing');
    expect(word({ transfers, peers: 0 }, {})).toBe('offline');
    expect(word({ transfers, health: fakeHealth(9) }, {})).toBe('needsYou');
    expect(state({ transfers, health: fakeHealth(12) }, {})).toEqual({
      word: 'atRisk',
      reason: 'A file has few parts left beyond those it needs. A repair is under way.',
    });
  });

  it('is that of a repair also where everything else is paused', () => {
    const transfers = [{ id: 1, kind: 'repair', name: '/', done_bytes: 0, total_bytes: 0 }];
    const all = { paused_all: true };
    expect(word({ transfers }, { transfers: { ...queue(), ...all } })).toBe('repairing');
    expect(word({ transfers }, { transfers: { ...queue({ state: 'paused' }), ...all } })).toBe('repairing');
    expect(word({ transfers }, { transfers: queue({ state: 'paused' }) })).toBe('repairing');
    expect(word({ transfers, peers: 0 }, { transfers: { ...queue(), ...all } })).toBe('offline');
    // What was let go on by itself comes first.
    expect(word({ transfers }, { transfers: queue({ state: 'running' }, { state: 'paused' }) })).toBe(
      'uploading',
    );
  });

  it('knows a transfer that only the person can put right from one that tries again', () => {
    const stuck = queue({ state: 'failed', retry: 'after_user_action' });
    expect(word({}, { transfers: stuck })).toBe('needsYou');
    expect(word({}, { transfers: queue({ state: 'waiting', retry: 'automatic' }) })).toBe('waiting');
  });

  it('is not safe while nobody knows what needs the person', () => {
    expect(word({}, { isActivityUnread: true })).toBe('waiting');
    expect(word({}, { isActivityUnread: true, openActions: 1 })).toBe('needsYou');
    expect(state({}, { isQueueUnread: true })).toEqual({
      word: 'waiting',
      reason: 'The transfers could not be read.',
    });
    expect(word({}, { isQueueUnread: true, transfers: queue({}) })).toBe('uploading');
  });

  it('is not safe before the first answers', () => {
    const asked = { word: 'waiting', reason: 'Asking the node…' };
    expect(nodeState(runningView({ transfers: [] }))).toEqual(asked);
    expect(state({}, { transfers: null })).toEqual(asked);
    expect(state({}, { openActions: null })).toEqual(asked);
    // Also of what is empty nobody knows yet whether it needs the person.
    expect(state({ files: 0, health: null }, { transfers: null })).toEqual(asked);
    // What is known already is said.
    expect(word({ peers: 0 }, { transfers: null })).toBe('offline');
    expect(word({}, { transfers: null, openActions: 1 })).toBe('needsYou');
  });

  it('writes large numbers in groups', () => {
    const said = [
      state({}, { openActions: 1234 }),
      state({}, { transfers: many({ state: 'failed', retry: 'never' }) }),
      state({}, { transfers: many({}) }),
      state({}, { transfers: many({ state: 'waiting' }) }),
    ];
    expect(said.map(({ reason }) => /[\d,]+/u.exec(reason)?.[0])).toEqual(Array(4).fill('1,234'));
  });

  // As the tray has it: `paused` in src-tauri/src/tray/state.rs.
  it('is paused where everything is, also while nothing waits for it', () => {
    const all = { paused_all: true };
    expect(state({}, { transfers: { ...queue(), ...all } })).toEqual({
      word: 'paused',
      reason: 'Paused by you until you resume.',
    });
    expect(word({}, { transfers: { ...queue({ state: 'done' }), ...all } })).toBe('paused');
    expect(word({ peers: 0 }, { transfers: { ...queue({ state: 'paused' }), ...all } })).toBe('paused');
    expect(word({ files: 0, health: null }, { transfers: { ...queue(), ...all } })).toBe('paused');
    // What needs the person comes first.
    expect(word({}, { transfers: { ...queue(), ...all }, openActions: 1 })).toBe('needsYou');
    // One that was let go on by itself.
    const others = queue({ state: 'running' }, { state: 'paused' });
    expect(word({}, { transfers: { ...others, ...all } })).toBe('uploading');
    expect(word({ peers: 0 }, { transfers: { ...others, ...all } })).toBe('offline');
    const download = queue({ state: 'running', kind: 'download' }, { state: 'paused' });
    expect(state({}, { transfers: { ...download, ...all } })).toEqual({
      word: 'paused',
      reason: 'An upload is paused by you.',
    });
  });

  it('is paused where all that is left of the queue is', () => {
    const paused = queue({ state: 'paused' }, { state: 'done' });
    expect(word({}, { transfers: paused })).toBe('paused');
    expect(word({ peers: 0 }, { transfers: paused })).toBe('paused');
    expect(state({}, { transfers: queue({ state: 'paused', kind: 'download' }) })).toEqual({
      word: 'paused',
      reason: 'A download is paused by you.',
    });
    const moving = queue({ state: 'paused', kind: 'download' }, { state: 'waiting' });
    expect(word({}, { transfers: moving })).toBe('waiting');
    expect(word({ peers: 0 }, { transfers: moving })).toBe('offline');
  });

  it('does not tell a restored identity that nothing is stored', () => {
    const empty = runningView({ transfers: [], files: 0, health: null });
    const around = { transfers: queue(), isQueueUnread: false, openActions: 0, isActivityUnread: false };
    expect(nodeState(empty, { ...around, isRestored: false }).reason).toContain('Nothing is stored yet');
    expect(nodeState(empty, { ...around, isRestored: true }).reason).toContain('not back yet');
    // Nobody knows which of both it is.
    expect(nodeState(empty, { ...around, isRestored: null }).reason).toContain('is empty');
  });

  it('trusts the queue more than the status, which is older', () => {
    const { transfers } = exampleViews.running.status;
    expect(word({ transfers }, { transfers: queue() })).toBe('safe');
    expect(word({}, { transfers: queue({}) })).toBe('uploading');
    expect(word({}, { transfers: queue({ kind: 'download' }) })).toBe('safe');
    expect(word({}, { transfers: queue({ state: 'waiting' }) })).toBe('waiting');
  });
});
