// Looking at the page in every look: a picture, nothing that axe objects to, nothing that needs sideways scrolling.

import { assertAccessible, assertFits } from '../desktop/accessibility.mjs';
import { drawn, look, picture } from '../desktop/looks.mjs';
import { expect } from './fixtures.mjs';
import { corner } from './painted.mjs';
import { sessionOf } from './session.mjs';

const LOOKS = {
  light: { colorScheme: 'light' },
  dark: { colorScheme: 'dark' },
  forced: { forcedColors: 'active' },
};

/** Looks at what the page shows, in every look. */
export async function lookAt(page, name) {
  const session = sessionOf(page);
  // What the pointer was left on is drawn otherwise.
  await page.mouse.move(0, 0);
  for (const [scheme, media] of Object.entries(LOOKS)) {
    await page.emulateMedia({ colorScheme: 'light', forcedColors: 'none', reducedMotion: 'reduce', ...media });
    await look(session, `browser-${name}-${scheme}`, session.screenshot);
    // In forced colours the web view paints as it likes.
    if (scheme !== 'forced') {
      const { wanted, seen } = await corner(page);
      expect(seen, `${name}, ${scheme}: the corner`).toBe(wanted);
    }
  }
  // A page that is loaded in one look is not painted anew in the next.
  await page.emulateMedia({ colorScheme: null, forcedColors: null, reducedMotion: null });
  await page.setViewportSize({ width: 1280, height: 800 });
}

/** The window of 1280×800 has this room where its text is twice as large. */
const LARGE_TEXT = { width: 640, height: 400 };
/** The smallest window has this room then. */
export const LARGE_TEXT_SMALLEST = { width: 360, height: 260 };
/** One that is wide and low has this room: all of its buttons have their words. */
export const LARGE_TEXT_WIDE = { width: 800, height: 400 };

/** A window with its text twice as large. Sizes of this one are not asked of every screen. */
export async function lookAtLargeText(page, name, { width, height } = LARGE_TEXT) {
  const session = sessionOf(page);
  const where = `browser-${name}-${width}x${height}`;
  await session.resize(width, height);
  await drawn(session);
  await picture(where, session.screenshot);
  await assertFits(session, where);
  await assertAccessible(session, where);
}

export function sheetOf(page) {
  return page.getByRole('dialog').or(page.getByRole('alertdialog'));
}

/** While a sheet goes it still keeps the window's keys to itself. */
export async function closeSheet(page) {
  await page.keyboard.press('Escape');
  await sheetOf(page).waitFor({ state: 'detached' });
}
