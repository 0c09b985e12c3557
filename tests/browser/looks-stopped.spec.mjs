// What is shown while no node runs, in every look: an identity on its way back, and each reason why the node stands still.

import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { expect, PASSPHRASE, test } from './fixtures.mjs';
import { lookAt, lookAtLargeText } from './looks.mjs';
import { Unlock, Welcome } from './pages/welcome.mjs';

/** Those of 32 bytes of nothing. */
const WORDS = [...Array(23).fill('abandon'), 'art'];

test('an identity on its way back can be read by everybody', async ({ start, page, network }) => {
  test.setTimeout(1_800_000);
  const app = await start('back');
  await page.goto(app.url);
  const welcome = new Welcome(page, app);
  await welcome.preview(WORDS, network.network_file);
  await lookAt(page, 'restore-preview');
  await lookAtLargeText(page, 'restore-preview-large-text');
  await welcome.seal(PASSPHRASE, 'Restore');
  await welcome.restored().waitFor();
  await lookAt(page, 'restored');
  await lookAtLargeText(page, 'restored-large-text');
});

test('every reason why the node stands still can be read by everybody', async ({ owner, start }) => {
  test.setTimeout(1_800_000);
  const { app, page } = owner;
  const { home } = app;
  const at = (name) => join(home.dir, name);
  const config = await readFile(at('config.toml'), 'utf8');
  /** The app of the same home, opened once more. */
  const open = async (wanted) => {
    const again = await start('owner');
    await page.goto(again.url);
    await expect(page.getByText(wanted).first()).toBeVisible();
    return again;
  };
  const lookAtBoth = async (name) => {
    await lookAt(page, name);
    // What is folded away is looked at, too.
    for (const summary of await page.locator('summary').all()) {
      await summary.click();
    }
    await lookAtLargeText(page, `${name}-large-text`);
    await page.setViewportSize({ width: 1280, height: 800 });
  };

  const second = await open('Another Layr is using this home.');
  await expect(page.getByRole('main')).toContainText(`process ${app.process.pid}`);
  await lookAtBoth('home-in-use');
  await second.stop();
  await app.stop();

  const locked = await open('Unlock Layr');
  await new Unlock(page).open('not this one');
  await expect(page.getByRole('alert')).toContainText('wrong_key');
  await lookAtBoth('unlock-refused');
  await locked.stop();

  await writeFile(at('config.toml'), 'home_id = 5');
  const failed = await open('The node could not start.');
  await lookAtBoth('failed-start');
  await failed.stop();

  await writeFile(at('config.toml'), config.replace('key_store = "file"', 'key_store = "keyring"'));
  const away = await open('Bring your keys back');
  await lookAtBoth('keyring-away');
  await away.stop();

  await writeFile(at('config.toml'), config);
  await rm(at('keys.sealed'));
  await open('The keys of this home are gone.');
  await lookAtBoth('keys-gone');
  await page.getByLabel('Your 24 words', { exact: true }).fill(WORDS.join(' '));
  await page.getByRole('button', { name: 'Bring the keys back' }).click();
  await expect(page.getByText('These words belong to another identity.')).toBeVisible();
  await lookAtBoth('keys-gone-refused');
});
