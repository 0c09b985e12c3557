// Every screen in every look: a picture, nothing that axe objects to, nothing that needs sideways scrolling.

import { execFileSync } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { expect, PASSPHRASE, test } from './fixtures.mjs';
import { closeSheet, LARGE_TEXT_SMALLEST, LARGE_TEXT_WIDE, lookAt, lookAtLargeText, sheetOf } from './looks.mjs';
import { Library, Review } from './pages/library.mjs';
import { Shell } from './pages/shell.mjs';
import { Transfers } from './pages/transfers.mjs';
import { Welcome, Words } from './pages/welcome.mjs';

const NAMES = ['letter to a friend.txt', 'שלום.txt', `${'a very long name '.repeat(12)}.pdf`, 'holiday\u202Egpj.exe'];

test('the first minutes can be read by everybody', async ({ start, page, network }) => {
  test.setTimeout(1_800_000);
  const app = await start('newcomer');
  await page.goto(app.url);
  const welcome = new Welcome(page, app);
  await expect(welcome.heading()).toBeVisible();
  await lookAt(page, 'welcome');
  await welcome.begin('Restore an identity', network.network_file);
  await page.getByLabel('Your 24 words', { exact: true }).fill('abandon abandon nonsense');
  await lookAt(page, 'restore');
  await page.getByText('Create a new identity', { exact: true }).click();
  await page.getByRole('button', { name: 'Create', exact: true }).click();
  await expect(page.getByLabel('Passphrase, once more')).toBeVisible();
  await lookAt(page, 'passphrase');
  await welcome.seal(PASSPHRASE, 'Create');
  const words = new Words(page);
  await words.heading().waitFor();
  await lookAt(page, 'words-hidden');
  await words.show();
  await lookAt(page, 'words');
  await page.getByRole('button', { name: 'I have written them down' }).click();
  await lookAt(page, 'words-check');
  await page.getByRole('button', { name: 'Later' }).click();
  await new Shell(page).untilConnected();
  await lookAt(page, 'library-empty');
  await lookAtLargeText(page, 'library-empty-large-text', LARGE_TEXT_WIDE);
  await app.stop();
  const again = await start('newcomer');
  await page.goto(again.url);
  await expect(page.getByRole('button', { name: 'Unlock' })).toBeVisible();
  await lookAt(page, 'unlock');
});

test('every screen can be read by everybody', async ({ owner, place }) => {
  test.setTimeout(1_800_000);
  const { app, page, shell } = owner;
  const paths = [];
  for (const name of NAMES) {
    const path = join(place.dir, name);
    await writeFile(path, name.repeat(5000));
    paths.push(path);
  }
  await app.hand('/hand/drag', { phase: 'enter', paths });
  await expect(page.getByText('Drop to store in')).toBeVisible();
  await lookAt(page, 'drop');
  await app.hand('/hand/drag', { phase: 'leave' });
  execFileSync('mkfifo', [join(place.dir, 'pipe')]);
  await app.drop(...paths, join(place.dir, 'pipe'));
  await new Review(page).counted();
  await lookAt(page, 'review');
  await new Review(page).store();
  await shell.go('Transfers');
  const transfers = new Transfers(page);
  await transfers.untilState(transfers.rows(), 'done');

  for (const screen of await shell.screens()) {
    await shell.go(screen);
    // The way there is told before the screen is: a look must not begin at the one before.
    await page.getByRole('heading', { level: 1, name: screen }).waitFor();
    if (screen === 'Library') {
      await expect(new Library(page, app).rows()).toHaveCount(NAMES.length);
    }
    await expect(page.getByRole('status', { name: 'Loading…' })).toHaveCount(0);
    await lookAt(page, screen.toLowerCase());
    await lookAtLargeText(page, `${screen.toLowerCase()}-large-text`);
    await page.setViewportSize({ width: 1280, height: 800 });
  }
  await shell.go('Library');
  const library = new Library(page, app);
  await library.row(NAMES[0]).click();
  await expect(page.getByText('Where the parts lie')).toBeVisible();
  await lookAt(page, 'details');
  await lookAtLargeText(page, 'details-large-text', LARGE_TEXT_SMALLEST);
  expect((await library.grid().boundingBox()).width, 'the rows beside or above the details').toBeGreaterThanOrEqual(200);
  await lookAtLargeText(page, 'details-large-text');
  expect((await shell.reason().boundingBox()).height, 'the reason beside the state word is shown').toBeGreaterThan(8);
  await page.setViewportSize({ width: 1280, height: 800 });
  await shell.go('Library');
  await library.row(NAMES[0]).click();
  for (const sheet of ['Rename…', 'Export…', 'Remove…']) {
    await page.getByRole('button', { name: sheet }).click();
    await sheetOf(page).waitFor();
    await lookAt(page, `sheet-${sheet.toLowerCase().replace('…', '')}`);
    await closeSheet(page);
  }
  for (const [key, name] of [['Control+k', 'palette'], ['?', 'shortcuts']]) {
    await page.keyboard.press(key);
    await sheetOf(page).waitFor();
    await lookAt(page, name);
    await closeSheet(page);
  }
  await library.goToTrash();
  await lookAt(page, 'trash');
  await page.getByRole('link', { name: 'Recovery phrase not confirmed' }).click();
  await new Words(page).heading().waitFor();
  await lookAt(page, 'phrase');
});

test('what goes wrong, and what is asked, can be read by everybody', async ({ owner, place }) => {
  test.setTimeout(1_800_000);
  const { app, page, shell } = owner;
  const [letter, other] = [join(place.dir, 'letter.txt'), join(place.dir, 'other.txt')];
  for (const path of [letter, other]) {
    await writeFile(path, path.repeat(1000));
  }
  await app.drop(letter, other);
  await new Review(page).store();
  await shell.go('Transfers');
  const transfers = new Transfers(page);
  await transfers.untilState(transfers.rows(), 'done');

  await shell.go('Library');
  const library = new Library(page, app);
  const manifest = join(place.dir, 'letter.layr');
  await library.export('letter.txt', manifest, 'Whoever holds the file');
  await library.import(manifest);
  await library.importSheet().waitFor();
  await lookAt(page, 'sheet-import');
  await page.keyboard.press('Escape');

  // A file of the same name is in the way of the download.
  const target = join(place.dir, 'back');
  await mkdir(target);
  await writeFile(join(target, 'other.txt'), 'mine');
  await library.download(target, 'other.txt');
  await shell.go('Transfers');
  await expect(page.getByRole('main').locator('li[data-state=failed]')).toHaveCount(1, { timeout: 180_000 });
  expect((await app.ask('transfer_pause', {})).status).toBe(200);
  const third = join(place.dir, 'third.txt');
  await writeFile(third, 'not sent yet');
  await app.drop(third);
  await new Review(page).store();
  await expect(page.getByRole('main').locator('li[data-state=paused]')).toHaveCount(1);
  await lookAt(page, 'transfers-stopped');
  await page.getByRole('button', { name: 'Cancel: third.txt' }).click();
  await page.getByRole('alertdialog').waitFor();
  await lookAt(page, 'sheet-cancel');
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Cancel all…' }).click();
  await page.getByRole('alertdialog').waitFor();
  await lookAt(page, 'sheet-cancel-all');
  await page.getByRole('button', { name: 'Cancel all', exact: true }).click();

  await app.drop(...Array.from({ length: 10_001 }, (_, number) => `/nowhere/${number}`));
  await page.getByText('What you dropped was not taken.').waitFor();
  await lookAt(page, 'drop-refused');
  await page.getByRole('alert').getByRole('button', { name: 'Close' }).click();

  await shell.go('Library');
  await library.act('Remove…', 'other.txt');
  await page.getByRole('button', { name: 'Move to trash' }).click();
  await library.goToTrash();
  await expect(library.row('other.txt')).toHaveCount(1);
  await lookAt(page, 'trash-filled');

  await page.getByRole('link', { name: 'Recovery phrase not confirmed' }).click();
  await new Words(page).show();
  await page.getByRole('button', { name: 'Save sealed…' }).click();
  await page.getByRole('dialog').waitFor();
  await lookAt(page, 'sheet-seal');
});
