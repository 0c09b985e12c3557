// Whoever leaves the computer to others locks Layr: the node stops, and the passphrase alone starts it again.

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { isServing } from '../desktop/app.mjs';
import { until } from '../desktop/webdriver.mjs';
import { expect, PASSPHRASE, test } from './fixtures.mjs';
import { broughtBack, store } from './pages/stored.mjs';
import { Unlock } from './pages/welcome.mjs';

const NAME = 'diary.txt';
const CONTENT = 'dear diary, '.repeat(10_000);

test('a locked app shows nothing and serves nobody until the passphrase is typed', async ({ owner, place }) => {
  const { app, page, shell } = owner;
  const path = join(place.dir, NAME);
  await writeFile(path, CONTENT);
  const library = await store(owner, path);
  await expect(library.row(NAME)).toHaveCount(1);
  await page.keyboard.press('Control+k');
  await page.getByRole('searchbox', { name: 'Search commands' }).fill('Lock Layr');
  await page.getByRole('menuitem', { name: 'Lock Layr' }).click();
  await expect(page.getByRole('heading', { name: 'Unlock Layr' })).toBeVisible();
  await expect(page.getByText(NAME)).toHaveCount(0);
  await until('the node has stopped', async () => !(await isServing(app.home)));
  expect((await app.ask('phrase_show')).answer.code).toBe('locked');

  await new Unlock(page).open('another one');
  await expect(page.getByRole('alert')).toContainText('wrong_key');
  await new Unlock(page).open(PASSPHRASE);
  await shell.untilConnected();
  await shell.go('Library');
  await expect(library.row(NAME)).toHaveCount(1);
  expect(await broughtBack(owner, place, NAME)).toBe(CONTENT);
});
