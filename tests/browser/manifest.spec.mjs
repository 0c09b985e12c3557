// A manifest carries a file to another machine of the same person, and to nobody else's.

import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { expect, PASSPHRASE, test } from './fixtures.mjs';
import { Library, Review } from './pages/library.mjs';
import { Shell } from './pages/shell.mjs';
import { Transfers } from './pages/transfers.mjs';
import { Welcome, Words } from './pages/welcome.mjs';

const CONTENT = 'what matters, '.repeat(20_000);

test('a file comes back on a fresh profile from an exported manifest and the same words, and with no others', async ({ owner, start, network, place }) => {
  const { app, page, shell } = owner;
  const transfers = new Transfers(page);
  const file = join(place.dir, 'matters.txt');
  await writeFile(file, CONTENT);
  await app.drop(file);
  await new Review(page).store();
  await shell.go('Transfers');
  await transfers.untilState(transfers.rows(), 'done');
  await shell.go('Library');
  const manifest = join(place.dir, 'matters.layr');
  await new Library(page, app).export('matters.txt', manifest);
  await page.getByRole('link', { name: 'Recovery phrase not confirmed' }).click();
  const words = await new Words(page).show();
  await app.stop();

  const stranger = await start('stranger');
  await page.goto(stranger.url);
  await new Welcome(page, stranger).create(network.network_file, PASSPHRASE);
  await shell.untilConnected();
  const foreign = new Library(page, stranger);
  await foreign.import(manifest);
  await expect(page.getByRole('alert')).toContainText('opens only with the recovery phrase that it was made with');
  await expect(foreign.importSheet()).toHaveCount(0);
  await expect(page.getByText('Nothing is stored yet').first()).toBeVisible();
  await stranger.stop();

  const second = await start('second');
  await page.goto(second.url);
  await new Welcome(page, second).restore(words, network.network_file, PASSPHRASE);
  await shell.untilConnected();
  const library = new Library(page, second);
  await library.import(manifest);
  await expect(library.importSheet()).toContainText('matters.txt');
  await library.importSheet().getByRole('button', { name: 'Import' }).click();
  await expect(library.row('matters.txt')).toBeVisible();
  const target = join(place.dir, 'back');
  await mkdir(target);
  await library.download(target, 'matters.txt');
  await new Shell(page).go('Transfers');
  await transfers.untilState(transfers.rows(), 'done');
  expect(await readFile(join(target, 'matters.txt'), 'utf8')).toBe(CONTENT);
});
