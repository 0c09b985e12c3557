// The window from a person's side: what it says, what can be done about it, and that it shows the real node.

import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';

import { closeByTitle, Home, makePlace, startNetwork, windowTitles } from './app.mjs';
import { look, SCHEMES } from './looks.mjs';
import { until } from './webdriver.mjs';

const HOSTS = 3;
const ENTER = '\uE007';
const TAB = '\uE004';

let place;
let network;

before(async () => {
  place = await makePlace();
  network = await startNetwork(place, HOSTS);
});

after(async () => {
  await network?.stop();
  await place?.remove();
});

/** A home on the test's network with an identity of its own. */
async function homeWithIdentity(name) {
  const home = new Home(place, name);
  const identity = await home.init(network.ready.network_file);
  return { home, identity };
}

/** Opens the app on `home`, hands over its session, and closes it whatever happens. */
async function inWindow(home, work, environment) {
  const app = await home.open(environment);
  try {
    return await work(app.session);
  } finally {
    await app.close();
  }
}

describe('a home without an identity', () => {
  test('says what to type, and goes on when it was done', async () => {
    const home = new Home(place, 'newcomer');
    await inWindow(home, async (session) => {
      const text = await session.untilText('Needs you');
      assert.match(text, new RegExp(`layr --home ${home.dir} init`, 'u'));
      const { peer_id } = await home.init(network.ready.network_file);
      await session.press(TAB);
      await session.press(ENTER);
      await session.untilText(peer_id);
    });
  });
});

describe('a running node', () => {
  test('is shown as it is, and changes with it', async () => {
    const { home, identity } = await homeWithIdentity('owner');
    await inWindow(home, async (session) => {
      const text = await session.untilText(identity.peer_id);
      assert.match(text, /No space is lent to others/u);
      await session.untilText('Nothing is stored yet');
      const status = await home.layr('status');
      assert.equal(status.peer_id, identity.peer_id);
      assert.ok(text.includes(status.network), `${status.network} in ${text}`);

      const file = join(place.dir, 'letter.txt');
      await writeFile(file, 'dear reader, '.repeat(10_000));
      await home.layr('put', file);
      await session.untilText('Everything in the library is stored');
      assert.match(await session.text(), /3 of 3 parts stored, any one brings it back/u);

      await home.layr('host', 'set', '--quota', '1GB');
      await session.untilText('Quota');
    });
  });
});

describe('a node that cannot start', () => {
  test('names the process that holds the home', async () => {
    const { home } = await homeWithIdentity('shared');
    const daemon = await home.daemon();
    await inWindow(home, async (session) => {
      await session.untilText(`process ${daemon.pid}`);
      await home.layr('stop');
      await daemon.exit;
      await session.click('button');
      await session.untilText('Peer id');
    });
  });

  test('says that the passphrase is wrong, and keeps the keys sealed', async () => {
    const { home } = await homeWithIdentity('sealed');
    const wrong = join(place.dir, 'wrong-passphrase');
    await writeFile(wrong, 'not this one');
    await inWindow(home, (session) => session.untilText('The keys stay sealed'), { LAYR_PASSPHRASE_FILE: wrong });
  });
});

describe('the process', () => {
  test('is one per home: a second start shows the first window and ends', async () => {
    const { home } = await homeWithIdentity('once');
    const first = home.start();
    await until('the window is open', async () => (await windowTitles()).includes('Layr'));
    const second = home.start();
    assert.equal(await second.exit, 0);
    assert.equal(first.ended(), false);
    await first.stop();
  });

  test('ends with its window, and gives the home back', async () => {
    const { home } = await homeWithIdentity('closing');
    const app = home.start();
    await until('the node serves', () => home.layr('status').then(() => true, () => false));
    await closeByTitle('Layr');
    const closed = Date.now();
    assert.equal(await app.exit, 0);
    assert.ok(Date.now() - closed < 30_000, 'the node stops in five seconds on an idle machine');
    await assert.rejects(home.layr('status'), { code: 7 });
    const daemon = await home.daemon();
    assert.equal(await daemon.stop(), 0);
  });

  test('ends on SIGTERM as on a click', async () => {
    const { home } = await homeWithIdentity('signalled');
    const app = home.start();
    await until('the node serves', () => home.layr('status').then(() => true, () => false));
    assert.equal(await app.stop(), 0);
  });

  test('ends when `layr stop` asks it to', async () => {
    const { home } = await homeWithIdentity('stopped');
    const app = home.start();
    await until('the node serves', () => home.layr('status').then(() => true, () => false));
    await home.layr('stop');
    assert.equal(await app.exit, 0);
  });
});

describe('every state, light and dark, wide and narrow', () => {
  for (const [scheme, environment] of SCHEMES) {
    test(`can be read by everybody: ${scheme}`, async () => {
      await inWindow(new Home(place, 'nobody'), async (session) => {
        await session.untilText('Needs you');
        assert.equal(await session.run("return matchMedia('(prefers-color-scheme: dark)').matches"), scheme === 'dark');
        await look(session, `no-identity-${scheme}`);
      }, environment);

      const home = new Home(place, 'owner');
      await inWindow(home, async (session) => {
        await session.untilText('Everything in the library is stored');
        await look(session, `running-${scheme}`);
      }, environment);
    });
  }
});
