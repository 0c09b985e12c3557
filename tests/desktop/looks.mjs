// Pictures of what a person sees, for whoever changed it to look at.

import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

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

/** Writes a picture in every size, and checks each for accessibility and width. */
export async function look(session, name) {
  for (const [width, height] of SIZES) {
    const where = `${name}-${width}x${height}`;
    await session.resize(width, height);
    await session.settled();
    await picture(session, where);
    await assertFits(session, where);
    await assertAccessible(session, where);
  }
}

async function picture(session, name) {
  const dir = process.env.LAYR_SCREENSHOTS;
  if (dir !== undefined) {
    await mkdir(dir, { recursive: true });
    await writeFile(join(dir, `${name}.png`), await session.screenshot());
  }
}
