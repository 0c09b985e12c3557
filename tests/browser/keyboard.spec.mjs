// Everything without a mouse: each control of each screen is reached with Tab and can be seen to be there.

import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { expect, PASSPHRASE, test } from './fixtures.mjs';
import { controls, walk } from './focus.mjs';
import { Review } from './pages/library.mjs';
import { Shell } from './pages/shell.mjs';
import { Transfers } from './pages/transfers.mjs';
import { Words } from './pages/welcome.mjs';

/** Every control that can be seen is on the way of Tab, and every stop shows that it has the focus. */
async function expectReachable(page, where) {
  await expect(page.getByRole('status', { name: 'Loading…' }), `${where}: all is there`).toHaveCount(0);
  const stops = await walk(page);
  expect(stops.filter(({ isMarked }) => !isMarked).map(({ name }) => name), `${where}: focus that cannot be seen`).toEqual([]);
  const reached = new Set(stops.map(({ id }) => id));
  const missed = (await controls(page)).filter(({ id }) => !reached.has(id));
  expect(missed.map(({ name }) => name), `${where}: out of reach`).toEqual([]);
}

/** The name of a screen takes the focus some frames after the screen is shown: Tab goes on from there. */
async function untilAt(page, screen) {
  await expect(page.getByRole('heading', { level: 1, name: screen })).toBeFocused();
}

/** Goes on with Tab until this has the focus. */
async function tabTo(page, locator) {
  for (let stop = 0; stop < 60; stop += 1) {
    if (await locator.evaluate((element) => element === document.activeElement)) {
      return;
    }
    await page.keyboard.press('Tab');
  }
  throw new Error('Tab does not lead there');
}

test('an identity is made with the keyboard alone', async ({ start, page, network }) => {
  const app = await start('newcomer');
  await page.goto(app.url);
  const { keyboard } = page;
  await page.getByRole('heading', { name: 'Welcome to Layr' }).waitFor();
  await expectReachable(page, 'welcome');
  await page.getByRole('radio').first().waitFor();
  await tabTo(page, page.getByRole('radio').first());
  await keyboard.press('Space');
  await tabTo(page, page.getByRole('radio', { name: 'Try it out' }));
  await keyboard.press('ArrowDown');
  await app.willChoose(network.network_file);
  await tabTo(page, page.getByRole('button', { name: 'Choose a network file…' }));
  await keyboard.press('Enter');
  await page.getByText(/is chosen: it names the network/u).waitFor();
  const create = page.getByRole('button', { name: 'Create', exact: true });
  await tabTo(page, create);
  await keyboard.press('Enter');
  for (const label of ['Passphrase', 'Passphrase, once more']) {
    await tabTo(page, page.getByLabel(label, { exact: true }));
    await keyboard.type(PASSPHRASE);
  }
  await keyboard.press('Enter');
  await new Words(page).heading().waitFor();
  await expectReachable(page, 'words');
  await tabTo(page, page.getByRole('button', { name: 'Later' }));
  await keyboard.press('Enter');
  await new Shell(page).untilConnected();
});

test('a file is stored, renamed, brought back and removed with the keyboard alone', async ({ owner, place }) => {
  const { app, page, shell } = owner;
  const { keyboard } = page;
  const file = join(place.dir, 'letter.txt');
  await writeFile(file, 'dear reader');
  await app.willChoose(file);
  await keyboard.press('Control+o');
  const review = new Review(page);
  await review.counted();
  await expectReachable(page, 'review');
  await tabTo(page, review.storeButton());
  await keyboard.press('Enter');
  // An open sheet keeps the window's keys to itself.
  await page.getByText('The upload is in Transfers').waitFor();
  await keyboard.press('Control+2');
  await untilAt(page, 'Transfers');
  const transfers = new Transfers(page);
  await transfers.untilState(transfers.rows(), 'done');
  await expectReachable(page, 'transfers');

  await keyboard.press('Control+1');
  await untilAt(page, 'Library');
  const grid = page.getByRole('grid');
  await tabTo(page, grid);
  await keyboard.press('Home');
  await keyboard.press('F2');
  const rename = page.getByRole('dialog', { name: 'Rename' });
  await rename.waitFor();
  await expectReachable(page, 'rename');
  await tabTo(page, rename.getByRole('textbox'));
  await keyboard.press('Control+a');
  await keyboard.type('post.txt');
  await keyboard.press('Enter');
  await expect(grid).toContainText('post.txt');
  await expectReachable(page, 'library with a choice');

  const back = join(place.dir, 'back');
  await mkdir(back);
  await app.willChoose(back);
  // It is still the chosen one.
  await tabTo(page, page.getByRole('button', { name: 'Download…' }));
  await keyboard.press('Enter');
  await page.getByText('The download is in Transfers.').waitFor();
  // A download that has not begun would not find what is removed.
  const states = async () => (await app.ask('transfers')).answer.transfers.map(({ state }) => state);
  await expect.poll(states, { timeout: 400_000 }).toEqual(['done', 'done']);
  await tabTo(page, grid);
  await keyboard.press('Delete');
  const remove = page.getByRole('alertdialog').or(page.getByRole('dialog'));
  await remove.waitFor();
  await expectReachable(page, 'remove');
  await tabTo(page, remove.getByRole('button', { name: 'Move to trash' }));
  await keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: 'Nothing is stored yet' })).toBeVisible();
  await shell.untilConnected();
});

test('folders are opened and left with the keyboard, which stays on the rows', async ({ owner, place }) => {
  const { app, page, shell } = owner;
  const { keyboard } = page;
  const folder = join(place.dir, 'album');
  await mkdir(join(folder, 'empty'), { recursive: true });
  await writeFile(join(folder, 'picture.txt'), 'seen from afar');
  await app.drop(folder);
  await new Review(page).store();
  await shell.go('Transfers');
  const transfers = new Transfers(page);
  await transfers.untilState(transfers.rows(), 'done');
  await keyboard.press('Control+1');
  await untilAt(page, 'Library');
  const grid = page.getByRole('grid');
  await expect(grid).toContainText('album');
  await tabTo(page, grid);
  for (const _ of [1, 2]) {
    await keyboard.press('Home');
    await keyboard.press('Enter');
    await expect(grid).toContainText('picture.txt');
    await expect(grid).toBeFocused();
    await keyboard.press('Backspace');
    await expect(grid).toContainText('album');
    await expect(grid).toBeFocused();
  }
});

test('every screen and sheet is walked with Tab', async ({ owner }) => {
  const { page, shell } = owner;
  const { keyboard } = page;
  for (const [index, screen] of (await shell.screens()).entries()) {
    await keyboard.press(`Control+${index + 1}`);
    await expect(shell.rail().getByRole('link', { name: screen })).toHaveAttribute('aria-current', 'page');
    const name = page.getByRole('heading', { level: 1 });
    await name.waitFor();
    // The first is shown already: there is nothing to tell.
    if (index > 0) {
      await expect(name).toBeFocused();
    }
    await expectReachable(page, screen);
  }
  for (const key of ['Control+k', '?']) {
    await keyboard.press(key);
    const sheet = page.getByRole('dialog');
    await sheet.waitFor();
    await expectReachable(page, key);
    await keyboard.press('Escape');
    await expect(sheet).toHaveCount(0);
  }
  await keyboard.press('Control+k');
  const palette = page.getByRole('dialog');
  await expect(palette.getByRole('searchbox')).toBeFocused();
  await keyboard.type('recovery');
  await expect(palette.getByRole('menuitem')).toHaveCount(1);
  await keyboard.press('Enter');
  await expect(new Words(page).heading()).toBeFocused();
  await expectReachable(page, 'phrase');
});
