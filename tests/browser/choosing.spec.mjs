// Choosing rows with the mouse.

import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { expect, test } from './fixtures.mjs';
import { store } from './pages/stored.mjs';

const WIDTHS = [1600, 1280, 1100, 1000, 960, 800, 720];

test('a row stays under the pointer when it is chosen, so that a double click opens it', async ({ owner, place }) => {
  const { page } = owner;
  await mkdir(join(place.dir, 'pictures'));
  await writeFile(join(place.dir, 'pictures', 'ferry.jpg'), 'a ferry');
  const library = await store(owner, join(place.dir, 'pictures'));
  const folder = library.row('pictures');
  for (const width of WIDTHS) {
    await page.setViewportSize({ width, height: 720 });
    await library.grid().press('Escape');
    await expect(folder).toHaveAttribute('aria-selected', 'false');
    const before = await folder.boundingBox();
    await folder.click();
    await expect(folder).toHaveAttribute('aria-selected', 'true');
    expect((await folder.boundingBox()).y, `${width} wide`).toBeCloseTo(before.y, 0);
    await library.grid().press('Escape');
    await folder.dblclick();
    await expect(library.row('ferry.jpg')).toBeVisible();
    await page.goBack();
  }
});
