import { describe, expect, it } from 'vitest';

import { zoomAfter, zoomChoices } from './zoom';

describe('the size of the text', () => {
  it.each([
    [100, 'larger', 125],
    [110, 'larger', 125],
    [200, 'larger', 200],
    [110, 'smaller', 100],
    [100, 'smaller', 100],
    [175, 'usual', 100],
  ] as const)('of %d percent, %s, becomes %d', (now, key, next) => {
    expect(zoomAfter(now, key)).toBe(next);
  });

  it('is never shown as another than it is', () => {
    expect(zoomChoices(100)).toEqual([100, 125, 150, 175, 200]);
    expect(zoomChoices(110)).toEqual([100, 110, 125, 150, 175, 200]);
  });
});
