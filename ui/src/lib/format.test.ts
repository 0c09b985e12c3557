import { describe, expect, it } from 'vitest';

import {
  baseName,
  formatBytes,
  formatRate,
  isolated,
  plainName,
  plainSentence,
  shortName,
  wholePercent,
} from './format';

describe('formatBytes', () => {
  it.each([
    [0, '0 bytes'],
    [1, '1 byte'],
    [999, '999 bytes'],
    [1000, '1 kB'],
    [1536, '1.54 kB'],
    [999_499, '999 kB'],
    [999_500, '1 MB'],
    [48_318_382_080, '48.3 GB'],
    [Number.MAX_SAFE_INTEGER, '9.01 PB'],
  ])('writes %d as %s', (bytes, text) => {
    expect(formatBytes(bytes, 'en')).toBe(text);
  });

  it('has its unit in the language of the page, and its number as the person writes it', () => {
    expect(formatBytes(512, 'de')).toBe('512 bytes');
    expect(formatBytes(1, 'de')).toBe('1 byte');
    expect(formatBytes(1536, 'de')).toBe('1,54 kB');
    expect(formatBytes(1_500_000_000, 'fr')).toBe('1,5 GB');
    expect(formatBytes(9_007_199_254_740_991_000, 'de')).toMatch(/^9\.007,\d+ PB$/u);
    expect(formatBytes(3, 'ar-EG')).toBe('٣ bytes');
  });

  it('writes rates per second', () => {
    expect(formatRate(2_500_000, 'en')).toBe('2.5 MB/s');
    expect(formatRate(0.875, 'en')).toBe('1 byte/s');
    expect(formatRate(0.2, 'en')).toBe('0 bytes/s');
  });
});

describe('wholePercent', () => {
  it.each([
    [0, 0, 0],
    [999, 1000, 99],
    [1000, 1000, 100],
    [3000, 1000, 100],
    [-1, 10, 0],
  ])('%d of %d is %d', (done, total, percent) => {
    expect(wholePercent(done, total)).toBe(percent);
  });
});

describe('names', () => {
  it('makes characters that reorder or hide text visible', () => {
    expect(plainName('photo\u202Egpj.exe')).toBe('photo\uFFFDgpj.exe');
    expect(plainName('two\nlines\u0000')).toBe('two\uFFFDlines\uFFFD');
    expect(plainName('re\u200Bport\uFEFF.pdf\u2028')).toBe('re\uFFFDport\uFFFD.pdf\uFFFD');
  });

  it('stand in a sentence without moving what is around them, and cannot end that by themselves', () => {
    expect(`${isolated('שלום')} 12`).toBe('\u2068שלום\u2069 12');
    expect(isolated('a\u2069b')).toBe('\u2068a\uFFFDb\u2069');
    expect(isolated(shortName('x'.repeat(400))).length).toBeLessThan(200);
    expect(plainSentence('“שלום” and 12 more\u202E, “b”')).toBe(
      '“\u2068שלום\u2069” and 12 more\uFFFD, “\u2068b\u2069”',
    );
    expect(plainSentence('no name “here')).toBe('no name “here');
  });

  it('makes visible whatever takes no room or has no picture', () => {
    const unseen = [
      '\u034F',
      '\u115F',
      '\u2065',
      '\u2800',
      '\u3164',
      '\uFE00',
      '\uFFA0',
      '\u{E0041}',
      '\u{1D173}',
    ];
    for (const character of unseen) {
      expect(plainName(`re${character}port`)).toBe('re\uFFFDport');
    }
  });

  it('shows one of nothing but spaces as what it is', () => {
    expect(plainName(' \u00A0\u3000')).toBe('\u2423\u2423\u2423');
    expect(shortName('  ')).toBe('\u2423\u2423');
    expect(isolated(' ')).toBe('\u2068\u2423\u2069');
    expect(plainName(' a ')).toBe(' a ');
    expect(plainName(' \n')).toBe(' \uFFFD');
    expect(plainName('')).toBe('');
    expect(plainSentence('“ ” exists.')).toBe('“\u2068\u2423\u2069” exists.');
  });

  it('leaves every script alone', () => {
    for (const name of [
      'größe.txt',
      'صورة.jpg',
      'שלום',
      '日本語.pdf',
      '👩‍💻.md',
      '❤\uFE0F.png',
      'می\u200Cخواهم',
    ]) {
      expect(plainName(name)).toBe(name);
      expect(shortName(name)).toBe(name);
    }
  });

  it('shortens a very long name in the middle and keeps what tells its kind', () => {
    const short = shortName(`${'long '.repeat(2000)}report.pdf`);
    expect(short.length).toBeLessThan(200);
    expect(short.startsWith('long long')).toBe(true);
    expect(short.endsWith('report.pdf')).toBe(true);
  });

  it.each([
    ['/photos/2026/a.jpg', 'a.jpg'],
    ['a.txt', 'a.txt'],
    ['/dir/', 'dir'],
  ])('ends %s with a name', (path, base) => {
    expect(baseName(path)).toBe(base);
  });
});
