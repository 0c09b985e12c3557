import { describe, expect, it } from 'vitest';

import { formatXlm, isNothing, typedXlm } from './money';

describe('an amount', () => {
  it.each([
    ['0', 'XLM', '0 XLM'],
    ['12.5', 'XLM', '12.5 XLM'],
    ['9876.5432101', 'XLM', '9,876.5432101 XLM'],
    // More digits than a number of the page can hold.
    ['922337203685.4775807', 'XLM', '922,337,203,685.4775807 XLM'],
    ['12.5', 'test', '12.5 test XLM'],
    ['no amount', 'XLM', 'no amount XLM'],
  ])('is shown to the last digit: %s, %s', (xlm, kind, shown) => {
    expect(formatXlm(xlm, kind === 'test' ? 'test' : 'real', 'en')).toBe(shown);
  });

  it('is written as the person writes numbers', () => {
    expect(formatXlm('9876.5', null, 'de')).toBe('9.876,5 XLM');
  });

  it.each(['0', '0.0', '0.0000000', ''])('of nothing is nothing: %s', (xlm) => {
    expect(isNothing(xlm)).toBe(true);
  });

  it('of the least is something', () => {
    expect(isNothing('0.0000001')).toBe(false);
  });

  it.each([
    ['12', '12'],
    [' 12.5 ', '12.5'],
    ['12,5', '12.5'],
    ['0', '0'],
    ['0.0000001', '0.0000001'],
  ])('is read as it was typed: %s', (typed, read) => {
    expect(typedXlm(typed)).toBe(read);
  });

  it.each(['', '-1', '1e3', '1.00000001', '12.', '.5', '1 000', '1.2.3', 'ten', '1234567890123'])(
    'is none: %s',
    (typed) => {
      expect(typedXlm(typed)).toBeNull();
    },
  );
});
