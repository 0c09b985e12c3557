import { describe, expect, it } from 'vitest';

import { roundTop, steps, stepsDownTo } from './stepPath';

describe('a plot in steps', () => {
  const run = [
    { x: 0, y: 10 },
    { x: 5, y: 2 },
  ];

  it('comes to each height before its place', () => {
    expect(steps(run)).toBe('M0,10V2H5');
    expect(steps([])).toBe('');
  });

  it('is filled down to its bottom', () => {
    expect(stepsDownTo(20, run)).toBe('M0,20V10H0V2H5V20Z');
    expect(stepsDownTo(20, [])).toBe('');
  });

  it.each([
    [10_000, 10_000],
    [10_001, 12_000],
    [1_200_000, 1_200_000],
    [2_450_000, 2_500_000],
    [999, 1000],
  ])('has a round top: %i below %i', (most, top) => {
    expect(roundTop(most)).toBe(top);
    expect(roundTop(most)).toBeGreaterThanOrEqual(most);
  });
});
