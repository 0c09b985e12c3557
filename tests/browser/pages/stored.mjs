// A file on its way into the library and back.

import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { expect } from './expect.mjs';
import { Library, Review } from './library.mjs';
import { Transfers } from './transfers.mjs';

/** Drops what lies at these paths, waits until it is stored as all before it, and goes back to the library. */
export async function store({ app, page, shell }, ...paths) {
  const { transfers: before } = (await app.ask('transfers')).answer;
  await app.drop(...paths);
  await new Review(page).store();
  await shell.go('Transfers');
  await expect(new Transfers(page).done()).toHaveCount(before.length + 1, { timeout: 400_000 });
  await shell.go('Library');
  return new Library(page, app);
}

/** What the file with this name in the library brings back, downloaded into a new folder of the test's place. */
export async function broughtBack({ app, page, shell }, place, name) {
  const target = join(place.dir, 'brought back');
  await mkdir(target);
  const transfers = new Transfers(page);
  await new Library(page, app).download(target, name);
  await shell.go('Transfers');
  const downloads = transfers.rows().filter({ has: page.getByRole('img', { name: 'Download' }) });
  await transfers.untilState(downloads, 'done');
  return readFile(join(target, name), 'utf8');
}
