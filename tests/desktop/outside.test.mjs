// What is opened from outside: a manifest, a link, and what only pretends to be one.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, afterEach, before, describe, test } from 'node:test';
import { promisify } from 'node:util';

import { endLeftApps, Home, isShown, makePlace } from './app.mjs';
import { inWindow, pressButton, type } from './person.mjs';
import { Session, startDriver, until } from './webdriver.mjs';

const run = promisify(execFile);
const MANIFEST = join(import.meta.dirname, '../fixtures/library/bearer.layr');
const ASKED = 'Import into the library?';

let place;
let link;

before(async () => {
  place = await makePlace();
  link = `layr://import/1#${(await readFile(MANIFEST)).toString('base64url')}`;
});

after(() => place?.remove());
afterEach(endLeftApps);

/** A home whose node needs nobody else. */
async function homeAlone(name) {
  const home = new Home(place, name);
  await home.init('local');
  return home;
}

/** Starts the app once more, as a file manager or a browser does, and waits for its end. */
function startAgain(home, args, cwd = place.dir) {
  return run(process.env.LAYR_DESKTOP_BIN, ['--home', home.dir, ...args], { cwd, env: place.environment, timeout: 180_000, killSignal: 'SIGKILL' });
}

async function names(home) {
  return (await home.layr('ls', '-r')).files.map(({ name }) => name);
}

/** Says yes, and waits until the library has it. */
async function importIt(session, home) {
  assert.deepEqual(await names(home), [], 'nothing before the yes');
  await pressButton(session, 'Import');
  await session.untilText('imported');
  assert.notDeepEqual(await names(home), []);
}

describe('a second start', () => {
  test('with a manifest, found from where it was started, asks and imports after a yes', async () => {
    const home = await homeAlone('file');
    const folder = join(place.dir, 'downloads');
    await mkdir(folder);
    await copyFile(MANIFEST, join(folder, 'from a friend.layr'));
    await inWindow(home, async (session) => {
      await session.untilText('Nothing is stored yet');
      await startAgain(home, ['from a friend.layr'], folder);
      assert.match(await session.untilText(ASKED), /from a friend\.layr/u);
      await importIt(session, home);
    });
  });

  test('with a link asks and imports after a yes', async () => {
    const home = await homeAlone('link');
    await inWindow(home, async (session) => {
      await session.untilText('Nothing is stored yet');
      await startAgain(home, [link]);
      await session.untilText(ASKED);
      await importIt(session, home);
    });
  });

  test('of which the person wants to know nothing leaves nothing', async () => {
    const home = await homeAlone('no');
    await inWindow(home, async (session) => {
      await session.untilText('Nothing is stored yet');
      await startAgain(home, [link]);
      await session.untilText(ASKED);
      await pressButton(session, 'Cancel');
      await until('the question is gone', async () => !(await session.text()).includes(ASKED));
      assert.deepEqual(await names(home), []);
    });
  });

  test('with something hostile gets a sentence and nothing else', async () => {
    const home = await homeAlone('hostile');
    const garbage = join(place.dir, 'garbage.layr');
    await writeFile(garbage, 'LAYR\0\x01\0 and no more');
    await run('mkfifo', [join(place.dir, 'pipe.layr')]);
    const hostile = [
      [garbage, 'damaged'],
      [join(place.dir, 'pipe.layr'), 'not a regular file'],
      [join(place.dir, 'missing.layr'), 'Cannot read'],
      [link.slice(0, -3), 'damaged'],
      ['layr://settings/delete-everything', 'unknown form'],
    ];
    await inWindow(home, async (session) => {
      await session.untilText('Nothing is stored yet');
      for (const [argument, sentence] of hostile) {
        await startAgain(home, [argument]);
        await session.untilText(sentence);
        assert.ok(!(await session.text()).includes(ASKED), argument);
      }
      assert.deepEqual(await names(home), []);
    });
  });

  test('with nonsense gets a sentence, and with an unknown option ends as a command line that makes no sense', async () => {
    const home = await homeAlone('nonsense');
    await inWindow(home, async (session) => {
      await session.untilText('Nothing is stored yet');
      await assert.rejects(startAgain(home, ['--strange']), { code: 2 });
      await startAgain(home, ['/etc/passwd']);
      await session.untilText('this is neither');
      assert.equal((await home.layr('status')).files, 0);
    });
  });
});

test('a first start with a manifest asks once the node runs', async () => {
  const home = await homeAlone('first');
  const driver = await startDriver(place.environment);
  try {
    const session = await Session.start(driver.base, process.env.LAYR_DESKTOP_BIN, ['--home', home.dir, MANIFEST]);
    await session.untilText(ASKED);
    await importIt(session, home);
    await session.end();
  } finally {
    await driver.stop();
  }
});

describe('locked keys', () => {
  const locked = {};

  before(async () => {
    locked.LAYR_PASSPHRASE_FILE = join(place.dir, 'wrong-passphrase');
    await writeFile(locked.LAYR_PASSPHRASE_FILE, 'not this one');
  });

  test('let a link wait until they are unlocked', async () => {
    const home = await homeAlone('locked');
    await inWindow(home, async (session) => {
      await session.untilText('Unlock Layr');
      await startAgain(home, [link]);
      assert.ok(!(await session.text()).includes(ASKED));
      await type(session, 'input[type=password]', 'a throw-away identity');
      await pressButton(session, 'Unlock');
      await session.untilText(ASKED);
      await importIt(session, home);
    }, locked);
  });

  test('bring up the window of a start without one', async () => {
    const { dir } = await homeAlone('locked-hidden');
    const home = new Home({ ...place, environment: { ...place.environment, ...locked } }, 'locked-hidden');
    assert.equal(home.dir, dir);
    const app = home.start('--hidden');
    await until('the person is asked for the passphrase', isShown);
    assert.equal(await app.stop(), 0);
  });
});
