// A library as large as libraries get.

import { expect, PASSPHRASE, test } from './fixtures.mjs';
import { manyFiles } from './many-files.mjs';
import { Library } from './pages/library.mjs';
import { Shell } from './pages/shell.mjs';
import { Unlock } from './pages/welcome.mjs';

const FILES = 100_000;
/** Rows on the screen and a few beyond its edges. */
const MAX_ROWS = 60;

test('100 000 files scroll with as many rows in the page as can be seen', async ({ owner, start }) => {
  await owner.app.stop();
  await manyFiles(owner.app.home, FILES);
  const app = await start('owner');
  const { page } = owner;
  await page.goto(app.url);
  await new Unlock(page).open(PASSPHRASE);
  await new Shell(page).untilConnected();
  const library = new Library(page, app);
  await library.row('pictures').dblclick();
  await expect(page.getByText('100,000 items')).toBeVisible();
  const grid = library.grid();
  const heights = await grid.evaluate((element) => [element.scrollHeight, element.clientHeight]);
  expect(heights[0]).toBeGreaterThan(FILES * 20);

  for (const part of [0.1, 0.5, 0.9, 0.3, 1]) {
    await grid.evaluate((element, to) => (element.scrollTop = element.scrollHeight * to), part);
    const wanted = `picture ${String(Math.min(FILES - 1, Math.round(part * FILES))).padStart(6, '0').slice(0, 3)}`;
    await expect(library.row(wanted).first()).toBeVisible();
    await expect(grid.getByText('Loading…')).toHaveCount(0);
    expect(await library.rows().count()).toBeLessThan(MAX_ROWS);
  }
  await grid.focus();
  await page.keyboard.press('Home');
  await expect(library.row('picture 000000')).toBeVisible();
  await page.keyboard.press('End');
  await expect(library.row('picture 099999')).toBeVisible();
  await page.getByRole('searchbox').fill('picture 0777');
  await expect(page.getByText('100 items')).toBeVisible();
  expect(await library.rows().count()).toBeLessThan(MAX_ROWS);
});
