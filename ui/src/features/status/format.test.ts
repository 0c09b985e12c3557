import { describe, expect, it } from 'vitest';

import { formatBytes, plainName } from './format';

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
});

describe('plainName', () => {
  it('makes characters that reorder or hide text visible', () => {
    expect(plainName('photo\u202Egpj.exe')).toBe('photo\uFFFDgpj.exe');
    expect(plainName('two\nlines\u0000')).toBe('two\uFFFDlines\uFFFD');
  });

  it('leaves every script alone', () => {
    for (const name of ['größe.txt', 'صورة.jpg', 'שלום', '日本語.pdf', '👩‍💻.md']) {
      expect(plainName(name)).toBe(name);
    }
  });
});
