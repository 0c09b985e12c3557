import { expect, it } from 'vitest';

import { shortcutText } from './keyboard';

it.each([
  ['Linux x86_64', 'Ctrl K'],
  ['Win32', 'Ctrl K'],
  ['MacIntel', '⌘ K'],
])('on %s the command key reads as in %s', (platform, text) => {
  expect(shortcutText('K', platform)).toBe(text);
});
