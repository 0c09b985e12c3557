// The window from a person's side: what it says, what can be done about it, and that it shows the real node.

import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, test } from 'node:test';

import { endLeftApps, Home, isServing, isShown, untilHostsKnown } from './app.mjs';
import { look, SCHEMES } from './looks.mjs';
import { onNetwork } from './network.mjs';
import { beginTryOut, inWindow, pressButton, sealTryOut, show, type } from './person.mjs';
import { until } from './webdriver.mjs';

const HOSTS = 6;

const on = onNetwork(HOSTS, async ({ place, homeOf }) => {
  const home = await homeOf('filled');
  const letter = join(place.dir, 'letter.txt');
  await writeFile(letter, 'dear reader, '.repeat(10_000));
  const daemon = await home.daemon();
  await untilHostsKnown(home);
  await home.layr('put', letter);
  await daemon.stop();
});

afterEach(endLeftApps);

describe('a home without an identity', () => {
  test('is welcomed, and goes on when the identity was made in a terminal', async () => {
    const home = new Home(on.place, 'newcomer');
    await inWindow(home, async (session) => {
      const text = await session.untilText('Welcome to Layr');
      assert.match(text, /Create a new identity[^]*Restore an identity/u);
      await session.click('summary');
      await session.untilText(`layr --home ${home.dir} init`);
      await home.init(on.network.ready.network_file);
      // For some seconds the app looks by itself; who is later than that presses.
      await until('it goes on', async () => {
        await session.run(`
          const again = [...document.querySelectorAll('button')].find((button) => button.innerText.trim() === 'Check again');
          again?.click();`);
        return (await session.text()).includes('Nothing is stored yet');
      });
    });
  });

  test('gets one in the window, with a network inside the app, and stores a file there', async () => {
    const home = new Home(on.place, 'try-out');
    await inWindow(home, async (session) => {
      await beginTryOut(session);
      await sealTryOut(session, 'a throw-away identity');
      await pressButton(session, 'Show the words');
      await until('24 words are shown', () => session.run("return document.querySelectorAll('ol li').length === 24"));
      await pressButton(session, 'Later');
      await session.untilText('Nothing is stored yet');
      await session.untilText('Recovery phrase not confirmed');

      const file = join(on.place.dir, 'first.txt');
      await writeFile(file, 'my first file, '.repeat(10_000));
      await untilHostsKnown(home);
      await home.layr('put', file);
      await session.untilText('first.txt');
    });
  });
});

describe('a running node', () => {
  test('is shown as it is, and changes with it', async () => {
    const home = await on.homeOf('owner');
    await inWindow(home, async (session) => {
      await session.untilText('Connected. Nothing is stored yet');
      await untilHostsKnown(home);
      await home.layr('put', join(on.place.dir, 'letter.txt'));
      await session.untilText('letter.txt');
      await session.untilText('Everything in the library is stored');

      await show(session, 'network');
      const status = await home.layr('status');
      assert.equal(status.peer_id, home.identity.peer_id);
      const text = await session.untilText(home.identity.peer_id);
      assert.ok(text.includes(status.network), `${status.network} in ${text}`);

      await show(session, 'hosting');
      await session.untilText('No space is lent to others');
      await home.layr('host', 'set', '--quota', '1GB');
      await session.untilText('Lent at most');
    });
  });
});

describe('a node that cannot start', () => {
  test('names the process that holds the home', async () => {
    const home = await on.homeOf('shared');
    const daemon = await home.daemon();
    await inWindow(home, async (session) => {
      await session.untilText(`process ${daemon.pid}`);
      await home.layr('stop');
      await daemon.exit();
      await pressButton(session, 'Check again');
      await session.untilText('Nothing is stored yet');
    });
  });

  test('says that the passphrase is wrong, keeps the keys sealed, and opens them with the right one', async () => {
    const home = await on.homeOf('sealed');
    const wrong = join(on.place.dir, 'wrong-passphrase');
    await writeFile(wrong, 'not this one');
    await inWindow(home, async (session) => {
      await session.untilText('Unlock Layr');
      await type(session, 'input[type=password]', 'nor this one');
      await pressButton(session, 'Unlock');
      await session.untilText('The passphrase does not open the key file');
      await type(session, 'input[type=password]', 'a throw-away identity');
      await pressButton(session, 'Unlock');
      await session.untilText('Nothing is stored yet');
    }, { LAYR_PASSPHRASE_FILE: wrong });
  });
});

describe('the process', () => {
  test('is one per home: a second start shows the first window and ends', async () => {
    const home = await on.homeOf('once');
    const first = home.start();
    await until('the window is open', isShown);
    const second = home.start();
    assert.equal(await second.exit(), 0);
    assert.equal(first.ended(), false);
    await first.stop();
  });

  test('ends on SIGTERM', async () => {
    const home = await on.homeOf('signalled');
    const app = home.start();
    await until('the node serves', () => isServing(home));
    assert.equal(await app.stop(), 0);
  });

  test('ends when `layr stop` asks it to', async () => {
    const home = await on.homeOf('stopped');
    const app = home.start();
    await until('the node serves', () => isServing(home));
    await home.layr('stop');
    assert.equal(await app.exit(), 0);
  });
});

describe('every state, light and dark, wide and narrow', () => {
  for (const [scheme, environment] of SCHEMES) {
    test(`can be read by everybody: ${scheme}`, async () => {
      await inWindow(new Home(on.place, 'nobody'), async (session) => {
        await session.untilText('Needs you');
        assert.equal(await session.run("return matchMedia('(prefers-color-scheme: dark)').matches"), scheme === 'dark');
        await look(session, `welcome-${scheme}`);
      }, environment);

      const home = new Home(on.place, 'filled');
      await inWindow(home, async (session) => {
        await session.untilText('letter.txt');
        for (const screen of ['library', 'transfers', 'hosting', 'network']) {
          await show(session, screen);
          await look(session, `${screen}-${scheme}`);
        }
      }, environment);
    });
  }
});
