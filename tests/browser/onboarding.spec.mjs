// From nothing to an identity.

import { expect, PASSPHRASE, test } from './fixtures.mjs';
import { Shell } from './pages/shell.mjs';
import { Unlock, Welcome } from './pages/welcome.mjs';

test('a newcomer is welcomed, makes an identity, and needs the passphrase after a restart', async ({ start, page, network }) => {
  const first = await start('newcomer');
  await page.goto(first.url);
  const welcome = new Welcome(page, first);
  await expect(welcome.heading()).toBeVisible();
  await welcome.create(network.network_file, PASSPHRASE);
  await new Shell(page).untilConnected();
  await first.stop();

  const second = await start('newcomer');
  await page.goto(second.url);
  await new Unlock(page).open('another one');
  await expect(page.getByRole('alert')).toContainText('wrong_key');
  await new Unlock(page).open(PASSPHRASE);
  await new Shell(page).untilConnected();
});
