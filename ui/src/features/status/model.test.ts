import { describe, expect, it } from 'vitest';

import { healthDanger } from '../../design/states';
import { exampleViews, runningView } from '../../testing/examples';
import { nodeState } from './model';

describe('the state word', () => {
  it('asks the person where only the person can act', () => {
    for (const phase of ['no_identity', 'home_in_use', 'locked', 'failed'] as const) {
      expect(nodeState(exampleViews[phase]).word).toBe('needsYou');
    }
  });

  it('is never greener than the truth', () => {
    const idle = { transfers: [] };
    expect(nodeState(runningView(idle)).word).toBe('safe');
    expect(nodeState(runningView({ ...idle, peers: 0 })).word).toBe('offline');
    expect(nodeState(runningView({ ...idle, files: 0, health: null })).word).toBe('waiting');
    expect(nodeState(runningView({})).word).toBe('uploading');
    const nearlyLost = { alive: 11, needed: 10, total: 30 };
    expect(nodeState(runningView({ health: nearlyLost })).word).toBe('atRisk');
    expect(nodeState(runningView({ health: nearlyLost, peers: 0 })).word).toBe('atRisk');
  });
});

describe('health', () => {
  it.each([
    [{ alive: 9, needed: 10, total: 30 }, 'lost'],
    [{ alive: 10, needed: 10, total: 30 }, 'near'],
    [{ alive: 16, needed: 10, total: 30 }, 'near'],
    [{ alive: 17, needed: 10, total: 30 }, 'none'],
    [{ alive: 3, needed: 1, total: 3 }, 'none'],
    [{ alive: 1, needed: 1, total: 3 }, 'near'],
  ] as const)('%o is a danger of kind %s', (health, danger) => {
    expect(healthDanger(health)).toBe(danger);
  });
});
