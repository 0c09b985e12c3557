// Where the keys of an identity go that was made in the window: a real keyring, unlocked, locked and absent.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, readFile, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { after, afterEach, before, test } from 'node:test';

import { closeByTitle, endLeftApps, Home, isShown, makePlace } from './app.mjs';
import { dismissQuestion, startBus, untilAsked } from './keyring.mjs';
import { beginTryOut, inWindow, pressButton, type } from './person.mjs';
import { until } from './webdriver.mjs';

const PASSPHRASE = 'a throw-away identity';
/** Words that no identity of these tests has: those of 32 bytes of nothing. */
const OTHER_WORDS = `${'abandon '.repeat(23)}art`;
const MANIFEST = join(import.meta.dirname, '../fixtures/library/bearer.layr');
/** Up to here an entry holds what the words stand for; behind it, what each device has of its own. In digits. */
const PHRASE_END = 2 * (4 + 32);
let place;

before(async () => {
  place = await makePlace();
  // Whether the app asks is what these tests are about.
  delete place.environment.LAYR_PASSPHRASE_FILE;
});

after(() => place?.remove());
afterEach(endLeftApps);

/** Opens `home` on a bus with this keyring. */
async function onBus(keyring, home, work) {
  const bus = await startBus(place, keyring);
  try {
    return await inWindow(home, (session) => work(session, bus), bus.environment);
  } finally {
    await bus.stop();
  }
}

async function isReady(session) {
  await session.untilText('Your recovery phrase');
  await pressButton(session, 'Later');
  await session.untilText('Nothing is stored yet');
}

async function config(home) {
  return readFile(join(home.dir, 'config.toml'), 'utf8');
}

async function homeId(home) {
  return /^home_id = "(.+)"$/mu.exec(await config(home))[1];
}

test('a new identity goes into an unlocked keyring, and opens without a question from then on', async () => {
  const home = new Home(place, 'unlocked');
  const entry = await onBus('unlocked', home, async (session, bus) => {
    await beginTryOut(session);
    await isReady(session);
    return bus.entry(await homeId(home));
  });
  assert.match(entry, /^[0-9a-f]{64,}$/u, 'secret-tool finds the keys');
  assert.ok(!existsSync(join(home.dir, 'keys.sealed')), 'the keys are nowhere else');
  await onBus('unlocked', home, async (session) => {
    await session.untilText('Nothing is stored yet');
    assert.ok(!(await session.text()).includes('Unlock'));
  });

  const before = await config(home);
  await onBus('locked', home, async (session) => {
    await dismissQuestion();
    await session.untilText('The system keyring is locked. Unlock it and try again');
    assert.equal(await config(home), before, 'nothing is changed');
  });
  await onBus('unlocked', home, async (session, bus) => {
    await session.untilText('Nothing is stored yet');
    assert.equal(await bus.entry(await homeId(home)), entry, 'the keys are what they were');
  });
});

test('a window that was closed while the node started comes back when the start fails', async () => {
  const bus = await startBus(place, 'locked');
  try {
    const environment = { ...place.environment, ...bus.environment };
    const home = new Home({ ...place, environment }, 'unlocked');
    await home.remember({ close_to_tray: true, close_decided: true });
    const app = home.start();
    await until('the window is open', isShown);
    await untilAsked();
    await closeByTitle('Layr');
    await until('the window is hidden', async () => !(await isShown()));
    await dismissQuestion();
    await until('the person is told', isShown);
    assert.equal(await app.stop(), 0);
  } finally {
    await bus.stop();
  }
});

test('a quit does not wait for the answer to a question of the keyring', async () => {
  const bus = await startBus(place, 'locked');
  try {
    const environment = { ...place.environment, ...bus.environment };
    const app = new Home({ ...place, environment }, 'unlocked').start();
    await until('the window is open', isShown);
    await untilAsked();
    const asked = Date.now();
    assert.equal(await app.stop(), 0);
    const took = Date.now() - asked;
    // It would be half a minute; nothing runs that has to stop, but the machine may have other work.
    assert.ok(took < 20_000, `the app ended after ${took} ms`);
  } finally {
    await bus.stop();
  }
});

test('a keyring whose question is dismissed leads to a passphrase, and nothing is half made', async () => {
  const home = new Home(place, 'locked');
  await onBus('locked', home, async (session) => {
    await beginTryOut(session);
    await dismissQuestion();
    await session.untilText('The keyring could not be used');
    assert.ok(!existsSync(join(home.dir, 'config.toml')), 'no identity without its keys');
    await type(session, 'input[type=password]', PASSPHRASE);
    await pressButton(session, 'Create');
    await isReady(session);
    assert.ok(existsSync(join(home.dir, 'keys.sealed')));
  });
});

test('without a keyring the app asks for a passphrase, and for the same one at the next start', async () => {
  const home = new Home(place, 'absent');
  await onBus('absent', home, async (session) => {
    await beginTryOut(session);
    await session.untilText('The keyring could not be used');
    await type(session, 'input[type=password]', PASSPHRASE);
    await pressButton(session, 'Create');
    await isReady(session);
  });
  await onBus('absent', home, async (session) => {
    await session.untilText('Unlock Layr');
    await type(session, 'input[type=password]', PASSPHRASE);
    await pressButton(session, 'Unlock');
    await session.untilText('Nothing is stored yet');
  });
});

test('a home whose keyring went away says so, keeps its files, and opens once it is back', async () => {
  const home = new Home(place, 'unlocked');
  const before = await config(home);
  await onBus('absent', home, async (session) => {
    await session.untilText('no system keyring');
    assert.ok(!(await session.text()).includes('Passphrase'), 'no passphrase opens a keyring');
    await pressButton(session, 'Check again');
    await session.untilText('no system keyring');
    assert.equal(await config(home), before);
  });
  await onBus('unlocked', home, (session) => session.untilText('Nothing is stored yet'));
});

test('keys that are gone come back with the words in the window, and with no others', async () => {
  // Made at a terminal, which is where the passphrase comes from a file.
  const environment = { ...place.environment, LAYR_PASSPHRASE_FILE: join(place.dir, 'passphrase') };
  const terminal = new Home({ ...place, environment }, 'lost');
  const { phrase } = await terminal.init('local');
  await (await terminal.daemon()).stop();
  const home = new Home(place, 'lost');
  await rm(join(home.dir, 'keys.sealed'));
  const before = await config(home);
  await onBus('absent', home, async (session) => {
    await session.untilText('Bring your keys back');
    await type(session, 'textarea', OTHER_WORDS);
    await pressButton(session, 'Bring the keys back');
    await session.untilText('These words belong to another identity.');
    assert.equal(await config(home), before);
    await type(session, 'textarea', phrase.join(' '));
    await pressButton(session, 'Bring the keys back');
    await session.untilText('The keyring could not be used');
    await type(session, 'input[type=password]', PASSPHRASE);
    await pressButton(session, 'Bring the keys back');
    await session.untilText('Nothing is stored yet');
  });
  assert.ok(existsSync(join(home.dir, 'keys.sealed')));
});

/** Digests of the files of a home, by their names. */
async function digests(home) {
  const files = (await readdir(home.dir, { recursive: true, withFileTypes: true }))
    // The lock names whoever looked last.
    .filter((entry) => entry.isFile() && entry.name !== 'lock')
    .map(({ parentPath, name }) => join(parentPath, name))
    .sort();
  return Promise.all(files.map(async (file) => [file, createHash('sha256').update(await readFile(file)).digest('hex')]));
}

test('an entry that is gone from an unlocked keyring comes back with the words, and until then nothing is written', async () => {
  const bus = await startBus(place, 'unlocked');
  try {
    const home = new Home({ ...place, environment: { ...place.environment, ...bus.environment } }, 'tidied');
    const { phrase } = await home.layr('init', '--key-store', 'keyring', '--network', 'local');
    const daemon = await home.daemon();
    await home.layr('import', MANIFEST);
    const { files: [{ name }] } = await home.layr('ls', '-r');
    await daemon.stop();
    const id = await homeId(home);
    const entry = await bus.entry(id);
    await bus.forget(id);
    assert.equal(await bus.entry(id), '');
    const before = await digests(home);
    await inWindow(home, async (session) => {
      await session.untilText('Bring your keys back');
      assert.deepEqual(await digests(home), before, 'nothing in the home is written');
      await type(session, 'textarea', phrase.join(' '));
      await pressButton(session, 'Bring the keys back');
      await session.untilText(basename(name));
      const back = await bus.entry(await homeId(home));
      assert.equal(back.slice(0, PHRASE_END), entry.slice(0, PHRASE_END), 'an entry of the same words lies in the keyring');
    });
    await inWindow(home, (session) => session.untilText(basename(name)));
    assert.ok(!existsSync(join(home.dir, 'keys.sealed')), 'the keys are nowhere else');
  } finally {
    await bus.stop();
  }
});
