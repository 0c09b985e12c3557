import { describe, expect, it, vi } from 'vitest';

import { formatAgo, formatRemaining, formatTime, formatUntil } from './time';

const NOW = Date.parse('2026-11-22T12:00:00Z');

describe('formatAgo', () => {
  it.each([
    ['2026-11-22T11:59:40Z', 'now'],
    ['2026-11-22T11:57:00Z', '3 minutes ago'],
    ['2026-11-22T07:30:00Z', '4 hours ago'],
    ['2026-11-20T12:00:00Z', '2 days ago'],
    ['2026-08-22T12:00:00Z', '3 months ago'],
    ['2022-11-22T12:00:00Z', '4 years ago'],
    ['no time', 'no time'],
  ])('writes %s as %s', (at, text) => {
    expect(formatAgo(at, NOW)).toBe(text);
  });
});

describe('formatRemaining', () => {
  it.each([
    [4, '1 minute'],
    [80, '1 minute'],
    [250, '4 minutes'],
    [5399, '90 minutes'],
    [7300, '2 hours'],
    [200_000, '2 days'],
  ])('writes %d seconds as %s', (seconds, text) => {
    expect(formatRemaining(seconds, 'en')).toBe(text);
  });
});

describe('words made of figures', () => {
  it('are in the language of the page, whatever the person speaks', async () => {
    expect(formatRemaining(250, 'de')).toBe('4 minutes');
    const Words = Intl.RelativeTimeFormat;
    vi.spyOn(Intl, 'RelativeTimeFormat').mockImplementation(function words(...how) {
      return new Words(...how);
    });
    // What writes them is made once.
    vi.resetModules();
    const anew = await import('./time');
    anew.formatAgo('2026-11-20T12:00:00Z', NOW);
    expect(Intl.RelativeTimeFormat).toHaveBeenCalledWith('en', { numeric: 'auto' });
    vi.restoreAllMocks();
  });
});

describe('formatTime', () => {
  it('shows what is no time as it came', () => {
    expect(formatTime('yesterday', 'en')).toBe('yesterday');
    expect(formatTime('2026-11-22T12:00:00Z', 'en')).toContain('2026');
  });
});

describe('the end of a wait', () => {
  it('is the time of day today, and has its date on any other day', () => {
    const nowMs = new Date(2026, 10, 22, 13, 30).getTime();
    expect(formatUntil(new Date(2026, 10, 22, 14, 5).toISOString(), nowMs, 'en-GB')).toBe('14:05');
    expect(formatUntil(new Date(2026, 10, 23, 1, 5).toISOString(), nowMs, 'en-GB')).toContain('23 Nov 2026');
    expect(formatUntil('never', nowMs)).toBe('never');
  });
});
