import { afterEach, expect, it, vi } from 'vitest';

import { formatBytes, formatCount } from './format';
import { formatAgo, formatTime, formatUntil } from './time';

afterEach(() => vi.restoreAllMocks());

const AT = '2026-11-22T11:57:00Z';
const NOW = Date.parse('2026-11-22T12:00:00Z');

const write = () => [
  formatBytes(7_920_000),
  formatCount(1234),
  formatTime(AT),
  formatAgo(AT, NOW),
  formatUntil(AT, NOW),
];

/** Counts how many are made from now on, of those that work. */
function counted(name: 'NumberFormat' | 'DateTimeFormat' | 'RelativeTimeFormat') {
  const Real = Intl[name] as unknown as new (...how: unknown[]) => never;
  return vi.spyOn(Intl, name).mockImplementation(function made(...how: unknown[]) {
    return new Real(...how);
  } as never);
}

it('makes what writes numbers and times once', () => {
  const first = write();
  const made = [counted('NumberFormat'), counted('DateTimeFormat'), counted('RelativeTimeFormat')];
  expect(write()).toEqual(first);
  expect(made.map(({ mock }) => mock.calls.length)).toEqual([0, 0, 0]);
});

it('writes the time of where the person is by then', () => {
  const offset = vi.spyOn(Date.prototype, 'getTimezoneOffset').mockReturnValue(0);
  formatTime(AT);
  const made = counted('DateTimeFormat');
  offset.mockReturnValue(-330);
  formatTime(AT);
  formatTime(AT);
  expect(made).toHaveBeenCalledOnce();
});
