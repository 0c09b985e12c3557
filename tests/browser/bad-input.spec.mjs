// What should not be stored, and what should not be imported: each gets a sentence, nothing is sent, nothing is lost.

import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { mkdir, open, rename, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';

import { expect, test } from './fixtures.mjs';
import { Library, Review } from './pages/library.mjs';
import { Transfers } from './pages/transfers.mjs';

const GIB = 1024 ** 3;
const FOLDER_FILES = 100_000;
/** Folders with names of 240 characters: 10 000 characters and more in all, where the system opens 4096 at once. */
const ABYSS_LEVELS = 42;
/** All of them are read, by a program that nobody optimised, on whatever machine. */
const COUNTING_MS = 400_000;
/** A plain file that may be written and not read, whoever asks: the tests may run as root, whom no file of their own refuses. */
const UNREADABLE = '/proc/sys/vm/compact_memory';

/** Nothing is stored, and nothing is on its way. */
async function expectNothingSent(app) {
  expect((await app.ask('transfers')).answer.transfers).toEqual([]);
  const request = { trash: false, sort: 'name', descending: false, offset: 0, limit: 10 };
  expect((await app.ask('library_page', request)).answer.total).toBe(0);
}

test('what is no file is left out with its reason', async ({ owner, place }) => {
  const { app, page } = owner;
  const dir = join(place.dir, 'odd');
  await mkdir(dir);
  const at = (name) => join(dir, name);
  execFileSync('mkfifo', [at('pipe')]);
  // The character device of nothing, under a name of this test's own.
  execFileSync('mknod', [at('device'), 'c', '1', '3']);
  await new Promise((resolve) => createServer().listen(at('socket'), resolve).unref());
  for (const path of [at('pipe'), at('device'), at('socket'), UNREADABLE]) {
    await app.drop(path);
    const review = new Review(page);
    const excluded = await review.excluded();
    await expect(excluded, path).toHaveCount(1);
    await expect(excluded).toContainText(path);
    const sentence = (await excluded.innerText()).replace(path, '').trim();
    expect(sentence.length, sentence).toBeGreaterThan(8);
    await expect(review.sheet.getByText('There is nothing here that can be stored.')).toBeVisible();
    await expect(review.storeButton()).toBeDisabled();
    await review.cancel();
  }
  await app.drop(at('vanished'), at('pipe'));
  const review = new Review(page);
  const excluded = await review.excluded();
  await expect(excluded).toHaveCount(2);
  await expect(excluded.filter({ hasText: at('vanished') })).toHaveCount(1);
  await expect(review.storeButton()).toBeDisabled();
  await review.cancel();
  await expectNothingSent(app);
});

test('the good ones among the bad ones are stored, and what vanishes on the way is named', async ({ owner, place }) => {
  const { app, page, shell } = owner;
  const dir = join(place.dir, 'mixed');
  await mkdir(join(dir, 'inner'), { recursive: true });
  const at = (name) => join(dir, name);
  execFileSync('mkfifo', [at('inner/pipe')]);
  await writeFile(at('empty.txt'), '');
  await writeFile(at('kept.txt'), 'kept');
  await writeFile(at('gone.txt'), 'not for long');
  await symlink('/nowhere/at/all', at('dangling'));
  await app.drop(dir);
  const review = new Review(page);
  await expect(await review.excluded()).toHaveCount(1);
  await rm(at('gone.txt'));
  await review.store();
  await shell.go('Transfers');
  const transfers = new Transfers(page);
  await transfers.untilState(transfers.rows(), 'done');
  await transfers.rows().locator('summary').click();
  await expect(transfers.rows()).toContainText('pipe');
  const request = { dir: '/mixed', trash: false, sort: 'name', descending: false, offset: 0, limit: 10 };
  const { rows } = (await app.ask('library_page', request)).answer;
  expect(rows.map(({ name, size }) => [name, size])).toEqual(
    expect.arrayContaining([
      ['/mixed/empty.txt', 0],
      ['/mixed/kept.txt', 4],
    ]),
  );
  expect(rows.map(({ name }) => name)).not.toContain('/mixed/gone.txt');
});

test('a folder of very many files is counted before anything is sent', async ({ owner, place }) => {
  const { app, page } = owner;
  const dir = join(place.dir, 'crowd');
  mkdirSync(dir);
  // One after the other without a promise each, which is the quickest.
  for (let number = 0; number < FOLDER_FILES; number += 1) {
    writeFileSync(join(dir, `${number}`), `${number}`);
  }
  await app.drop(dir);
  const review = new Review(page);
  await review.counted(COUNTING_MS);
  await expect(review.fact('Files')).toHaveText(FOLDER_FILES.toLocaleString('en'));
  await expectNothingSent(app);
  await review.cancel();
  await expectNothingSent(app);
});

test('more items than a drag can hold are refused in words', async ({ owner }) => {
  const { app, page } = owner;
  await app.drop(...Array.from({ length: 10_001 }, (_, number) => `/nowhere/${number}`));
  const alert = page.getByRole('alert').filter({ hasText: 'What you dropped was not taken.' });
  await expect(alert).toContainText(/10\D?000/u);
  await expect(page.getByText('Drop to store in')).toHaveCount(0);
  await expect(new Review(page).sheet).toHaveCount(0);
  await alert.getByRole('button', { name: 'Close' }).click();
  await expect(alert).toHaveCount(0);
  await expectNothingSent(app);
});

test('names that deceive or never end are shown as they are, on one line', async ({ owner, place }) => {
  const { app, page, shell } = owner;
  const deceiving = 'holiday\u202Egpj.exe';
  const long = `${'x'.repeat(250)}.txt`;
  let deep = join(place.dir, 'deep');
  for (let depth = 0; depth < 12; depth += 1) {
    deep = join(deep, 'd'.repeat(240));
  }
  await mkdir(deep, { recursive: true });
  const paths = [join(place.dir, deceiving), join(place.dir, long), join(deep, 'at the end.txt')];
  await Promise.all(paths.map((path) => writeFile(path, 'content')));
  await app.drop(...paths.slice(0, 2), join(place.dir, 'deep'));
  await new Review(page).store();
  await shell.go('Transfers');
  const transfers = new Transfers(page);
  await transfers.untilState(transfers.rows(), 'done');
  await shell.go('Library');
  const library = new Library(page, app);
  await expect(library.rows()).toHaveCount(3);
  const text = await page.getByRole('main').innerText();
  expect(text).not.toContain('\u202E');
  expect(text).toContain('holiday');
  const heights = await library.rows().evaluateAll((rows) => rows.map((row) => row.clientHeight));
  expect(new Set(heights).size, 'no row is higher than the others').toBe(1);
  await page.getByRole('searchbox').fill('at the end');
  await expect(library.rows()).toHaveCount(1);
  await library.rows().click();
  await expect(page.getByText('Where the parts lie')).toBeVisible();
});

test('what is named longer than this computer can open is left out, and a name without end is refused', async ({ owner, place }) => {
  const { app, page } = owner;
  const abyss = join(place.dir, 'abyss');
  await mkdir(join(abyss, 'bottom'), { recursive: true });
  await writeFile(join(abyss, 'bottom', 'unreachable.txt'), 'content');
  // Put together from the bottom: no path that is used here is longer than the system's limit, the whole is.
  for (let depth = 0; depth < ABYSS_LEVELS; depth += 1) {
    const step = join(place.dir, 'step');
    await mkdir(step);
    await rename(abyss, join(step, 'd'.repeat(240)));
    await rename(step, abyss);
  }
  await writeFile(join(abyss, 'top.txt'), 'content');
  await app.drop(abyss);
  const review = new Review(page);
  await expect(await review.excluded()).toHaveCount(1);
  await expect(review.fact('Files')).toHaveText('1');
  await review.store();
  const library = new Library(page, app);
  await page.getByRole('searchbox').fill('top');
  // Until the search applies the folder is there.
  await expect(library.row('top.txt')).toHaveCount(1, { timeout: 180_000 });
  await library.act('Rename…', 'top.txt');
  const dialog = page.getByRole('dialog', { name: 'Rename' });
  await dialog.getByRole('textbox').fill('n'.repeat(10_000));
  await dialog.getByRole('button', { name: 'Rename' }).click();
  await expect(dialog.getByText('255')).toBeVisible();
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  await expect(library.row('top.txt')).toHaveCount(1);
});

test('what is no manifest is refused in words and imports nothing', async ({ owner, place }) => {
  const { app, page } = owner;
  const library = new Library(page, app);
  const at = (name) => join(place.dir, name);
  await writeFile(at('garbage.layr'), 'LAYR\x01 and then nothing that makes sense');
  await writeFile(at('empty.layr'), '');
  await writeFile(at('nested.layr'), Buffer.concat([Buffer.from('LAYR\x01'), Buffer.alloc(100_000, 0x81)]));
  await (await open(at('huge.layr'), 'w')).close();
  await truncate(at('huge.layr'), 8 * GIB);
  await mkdir(at('folder.layr'));
  execFileSync('mkfifo', [at('pipe.layr')]);
  for (const name of ['garbage', 'empty', 'nested', 'huge', 'folder', 'pipe', 'vanished']) {
    await library.import(at(`${name}.layr`));
    const alert = page.getByRole('alert');
    await expect(alert, name).toBeVisible();
    expect((await alert.innerText()).length).toBeGreaterThan(40);
    await expect(library.importSheet()).toHaveCount(0);
    // The next one takes its place.
    await page.reload();
  }
  await expectNothingSent(app);
});
