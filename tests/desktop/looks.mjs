// Pictures of what a person sees, for whoever changed it to look at.

import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { windowPicture } from './app.mjs';
import { assertAccessible, assertFits } from './accessibility.mjs';

export const SIZES = [
  [1280, 800],
  [720, 520],
];

/** Colour schemes and what makes the web view take them. */
export const SCHEMES = [
  ['light', { GTK_THEME: 'Adwaita' }],
  ['dark', { GTK_THEME: 'Adwaita:dark' }],
];

/**
 * Writes a picture in every size, and checks each for accessibility and width. A page that is in no window of the screen
 * paints itself.
 */
export async function look(session, name, paint = () => windowPicture('Layr')) {
  for (const [width, height] of SIZES) {
    const where = `${name}-${width}x${height}`;
    await session.resize(width, height);
    await drawn(session);
    await picture(where, paint);
    await assertFits(session, where);
    await assertAccessible(session, where);
  }
}

/** Far more than the 600 ms for which a sheet may stay unseen. */
const UNSEEN_MS = 10_000;

/**
 * React Aria keeps a sheet unseen for up to 600 ms where it expects an on-screen keyboard, as after a height that changed
 * just behind a field's focus. To axe that is a page without a sheet and without a heading. What else is unseen is the
 * page's own matter.
 */
export async function drawn(session) {
  await session.settled();
  const unseen = await session.runAsync(`
    const done = arguments[arguments.length - 1];
    const end = performance.now() + ${UNSEEN_MS};
    const look = () => {
      const sheet = document.querySelector('[data-rac][style*="opacity: 0;"]');
      if (sheet === null || performance.now() > end) {
        done(sheet === null ? null : sheet.outerHTML);
      } else {
        requestAnimationFrame(look);
      }
    };
    look();
  `);
  if (unseen !== null) {
    throw new Error(`a sheet stays unseen: ${unseen}`);
  }
}

/** Writes a picture of the whole desktop. */
export function desktop(name) {
  return picture(name, () => windowPicture('root'));
}

/** Writes what `paint` paints, if pictures are wanted. */
export async function picture(name, paint) {
  const file = await pictureFile(name);
  if (file !== undefined) {
    await writeFile(file, await paint());
  }
}

/** Where a picture goes, if pictures are wanted. */
async function pictureFile(name) {
  const dir = process.env.LAYR_SCREENSHOTS;
  if (dir === undefined) {
    return undefined;
  }
  await mkdir(dir, { recursive: true });
  return join(dir, `${name}.png`);
}
