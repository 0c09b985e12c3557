import { expect, it } from 'vitest';

import { latinKey, shortcutText } from './keyboard';

it.each([
  ['Linux x86_64', 'Ctrl K'],
  ['Win32', 'Ctrl K'],
  ['MacIntel', '⌘ K'],
])('on %s the command key reads as in %s', (platform, text) => {
  expect(shortcutText('K', platform)).toBe(text);
});

it.each([
  ['k', 'KeyK', 'k'],
  ['K', 'KeyK', 'k'],
  // Dvorak: what is written counts, not where the key lies.
  ['t', 'KeyK', 't'],
  // AZERTY, Cyrillic, Greek.
  ['&', 'Digit1', '1'],
  ['л', 'KeyK', 'k'],
  ['κ', 'KeyK', 'k'],
  ['Enter', 'Enter', 'enter'],
  ['F1', 'F1', 'f1'],
])('the key %s at %s means %s', (key, code, meant) => {
  expect(latinKey({ key, code })).toBe(meant);
});
