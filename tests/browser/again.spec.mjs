// What did not stay, did not work or was given away by a link comes once more: restored, tried again, imported.

import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { expect, test } from './fixtures.mjs';
import { broughtBack, store } from './pages/stored.mjs';
import { Transfers } from './pages/transfers.mjs';

const NAME = 'letter.txt';
const CONTENT = 'dear reader, '.repeat(10_000);

/** The library with one file in it. */
async function libraryWithLetter(owner, place) {
  const path = join(place.dir, NAME);
  await writeFile(path, CONTENT);
  return store(owner, path);
}

test('what was removed is restored from the trash, whole', async ({ owner, place }) => {
  const { page } = owner;
  const library = await libraryWithLetter(owner, place);
  await library.remove(NAME);
  await expect(page.getByRole('heading', { name: 'Nothing is stored yet' })).toBeVisible();
  await library.goToTrash();
  await library.act('Restore', NAME);
  await expect(page.getByRole('heading', { name: 'The trash is empty' })).toBeVisible();
  await page.getByRole('button', { name: 'Back to the library' }).click();
  await expect(library.row(NAME)).toHaveCount(1);
  expect(await broughtBack(owner, place, NAME)).toBe(CONTENT);
});

test('a download that something is in the way of is done by Retry once the way is free', async ({ owner, place }) => {
  const { page, shell } = owner;
  const library = await libraryWithLetter(owner, place);
  const target = join(place.dir, 'back');
  const [inTheWay, aside] = [join(target, NAME), join(target, 'mine.txt')];
  await mkdir(target);
  await writeFile(inTheWay, 'mine');
  await library.download(target, NAME);
  await shell.go('Transfers');
  const transfers = new Transfers(page);
  await expect(transfers.failed()).toHaveCount(1, { timeout: 180_000 });
  await expect(shell.state()).toContainText('Needs you');
  expect(await readFile(inTheWay, 'utf8'), 'nothing is overwritten').toBe('mine');

  await rename(inTheWay, aside);
  await transfers.button(`Retry: ${NAME}`).click();
  await expect(transfers.done()).toHaveCount(2, { timeout: 400_000 });
  await shell.untilConnected();
  expect(await readFile(inTheWay, 'utf8')).toBe(CONTENT);
  expect(await readFile(aside, 'utf8')).toBe('mine');
});

test('a link that was copied brings back what is in the library no more', async ({ owner, place }) => {
  const { page } = owner;
  const library = await libraryWithLetter(owner, place);
  const importCopied = () => page.getByRole('button', { name: 'Import a copied link…' }).click();
  await importCopied();
  await expect(page.getByRole('alert'), 'nothing was copied yet').toContainText('clipboard');
  await expect(library.importSheet()).toHaveCount(0);

  await library.act('Copy link', NAME);
  await expect(page.getByText('The link is on the clipboard.')).toBeVisible();
  await library.remove(NAME);
  await importCopied();
  await expect(library.importSheet()).toContainText(NAME);
  // Under the sheet the rows are hidden from whoever asks for what can be used.
  const rows = page.getByRole('row', { includeHidden: true });
  await expect(rows.filter({ hasText: NAME }), 'nothing before the yes').toHaveCount(0);
  await library.importSheet().getByRole('button', { name: 'Import' }).click();
  await expect(library.row(NAME)).toHaveCount(1);
  expect(await broughtBack(owner, place, NAME)).toBe(CONTENT);
});
