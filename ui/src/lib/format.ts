import { LANGUAGE } from '../messages/language';
import { numberFormat } from './intl';

/** A number as the person writes it, with its unit in the language of the page. */
export function withUnit(
  value: number,
  unit: Pick<Intl.NumberFormatOptions, 'unit' | 'unitDisplay'>,
  digits: Intl.NumberFormatOptions,
  locale?: string,
): string {
  const number = numberFormat(locale, digits).format(value);
  // Without groups there is one part before the mark, whose place the whole number takes.
  return numberFormat(LANGUAGE, { style: 'unit', ...unit, ...digits, useGrouping: false })
    .formatToParts(value)
    .map(({ type, value: part }) =>
      type === 'unit' || type === 'literal' ? part : type === 'integer' ? number : '',
    )
    .join('');
}

const UNITS = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte', 'petabyte'] as const;

/** A size for people: decimal units, three significant digits, `1.5 GB`. */
export function formatBytes(bytes: number, locale?: string): string {
  let value = bytes;
  let unit = 0;
  // 999.5 would be printed as 1,000 of the smaller unit.
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return withUnit(
    value,
    { unit: UNITS[unit] ?? 'byte', unitDisplay: unit === 0 ? 'long' : 'short' },
    { maximumSignificantDigits: value >= 1000 ? 21 : 3 },
    locale,
  );
}

/** Parts of a byte say nothing: what is slower than one a second is none. */
export function formatRate(bytesPerSecond: number, locale?: string): string {
  return `${formatBytes(Math.round(bytesPerSecond), locale)}/s`;
}

export function formatCount(count: number, locale?: string): string {
  return numberFormat(locale, {}).format(count);
}

/** A large number with its power in words of the page's language: `100 million`. */
export function formatLarge(count: number): string {
  return numberFormat(LANGUAGE, { notation: 'compact', compactDisplay: 'long' }).format(count);
}

/** A part of a whole in percent, rounded down: 99.9 % of an upload is not all of it. */
export function wholePercent(done: number, total: number): number {
  return total <= 0 ? 0 : Math.max(0, Math.min(100, Math.floor((100 * done) / total)));
}

// U+061C, U+200E, U+200F, U+202A–U+202E and U+2066–U+2069 reorder what surrounds them, so that `gpj.exe` can be
// made to read `exe.jpg`. The other control characters have no picture at all.
const REORDERING = /[\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/gu;
// What takes no room, or room without a picture (U+2800): two names that differ only in these would look the same.
// U+200C, U+200D and U+FE0F stay, as scripts and pictures need them.
const UNSEEN = /(?!\u200C|\u200D|\uFE0F)[\p{Default_Ignorable_Code_Point}\u2028\u2029\u2800\uFFF9-\uFFFB]/gu;
// eslint-disable-next-line no-control-regex -- control characters are what this finds
const CONTROL = /[\u0000-\u001F\u007F-\u009F]/gu;

/** A name from outside, shown as it is: what would reorder or hide text becomes a visible replacement mark. */
export function plainName(name: string): string {
  const plain = name.replace(REORDERING, '\uFFFD').replace(UNSEEN, '\uFFFD').replace(CONTROL, '\uFFFD');
  // Nothing but spaces would leave a row, a heading or a crumb empty.
  return plain.trim() === '' ? plain.replace(/\s/gu, '\u2423') : plain;
}

/**
 * A name from outside for the middle of a sentence: whatever direction it is written in, what stands before and after it
 * stays in its place. For text that is shown; a name that stands alone gets its own element instead.
 */
export function isolated(name: string): string {
  return `\u2068${plainName(name)}\u2069`;
}

/** A sentence of the shell, in which names stand in quotation marks, as it is shown. */
export function plainSentence(text: string): string {
  return plainName(text).replace(/“([^“”]*)”/gu, (_, name: string) => `“${isolated(name)}”`);
}

/** The longest name laid out in one piece; a layout of 10 000 characters in every row would stall the scroll. */
const LONGEST_SHOWN = 180;

/** A name short enough for a line: beginning and end stay, as the end tells the kind. */
export function shortName(name: string): string {
  const plain = [...plainName(name)];
  if (plain.length <= LONGEST_SHOWN) {
    return plain.join('');
  }
  return `${plain.slice(0, LONGEST_SHOWN - 60).join('')} … ${plain.slice(-50).join('')}`;
}

/** The last component of a library path. */
export function baseName(path: string): string {
  const trimmed = path.endsWith('/') ? path.slice(0, -1) : path;
  return trimmed.slice(trimmed.lastIndexOf('/') + 1);
}
