// The end of the app, whatever holds it, and what begins just behind it; and a page whose process ends without it.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, test } from 'node:test';
import { promisify } from 'node:util';

import { endLeftApps, Home, isServing, isShown, windowTitles } from './app.mjs';
import { onNetwork } from './network.mjs';
import { pressButton } from './person.mjs';
import { family, find } from './processes.mjs';
import { until } from './webdriver.mjs';

const run = promisify(execFile);

/** What the app promises from the moment that it is asked to end, and what a machine with other work may add to it. */
const ENDS_MS = 5000 + 25_000;
/** The same where a dialog of the toolkit holds the main thread: it is waited for, too. */
const ENDS_BEHIND_DIALOG_MS = ENDS_MS + 2000;
const ROUNDS = 4;

const on = onNetwork(3);

afterEach(async () => {
  await endLeftApps();
  // One that an app started itself, in its own place.
  await until('no app is left', async () => {
    const left = await find(process.env.LAYR_DESKTOP_BIN, on.place.dir).catch(() => undefined);
    if (left === undefined) {
      return true;
    }
    await run('kill', ['-KILL', String(left)]).catch(() => undefined);
    return false;
  });
});

/** A home on the network that the app runs inside itself, which only the window makes: made on another one and then given its file. */
async function tryOut(name) {
  const home = new Home(on.place, name);
  await home.init('local');
  await writeFile(join(home.dir, 'network.toml'), 'name = "try-out"\nprivate_addresses = true\n');
  return home;
}

function assertSince(asked, most) {
  const took = Date.now() - asked;
  assert.ok(took < most, `the app ended after ${took} ms`);
}

for (const [kind, homeOf] of [['another network', (name) => on.homeOf(name)], ['the network inside the app', tryOut]]) {
  test(`a start just behind a quit opens, again and again: on ${kind}`, async () => {
    const home = await homeOf(`again-${kind.length}`);
    let app = home.start();
    for (let round = 0; round < ROUNDS; round += 1) {
      await until('the node serves', () => isServing(home));
      const asked = Date.now();
      const ended = app.stop();
      const next = home.start();
      assert.equal(await ended, 0);
      assertSince(asked, ENDS_MS);
      assert.ok(!next.ended(), 'it is an app of its own');
      app = next;
    }
    await until('the node serves', () => isServing(home));
    assert.equal(await app.stop(), 0);
  });
}

test('the app ends though the print dialog is open', async () => {
  const home = await on.homeOf('prints');
  const app = await home.open();
  try {
    await app.session.untilText('Nothing is stored yet');
    await app.session.run("location.hash = '#/phrase'");
    await pressButton(app.session, 'Show the words');
    await pressButton(app.session, 'Print…');
    await until('the print dialog is open', async () => (await windowTitles()).includes('Print'));
    const asked = Date.now();
    await home.layr('stop');
    await until('the windows are gone', async () => (await windowTitles()).length === 0);
    assertSince(asked, ENDS_BEHIND_DIALOG_MS);
  } finally {
    await app.close();
  }
});

async function processes(pid, name) {
  const names = (await family(pid)).map(async (member) => {
    const comm = await readFile(`/proc/${member}/comm`, 'utf8').catch(() => '');
    return name.startsWith(comm.trim()) && comm !== '' ? [member] : [];
  });
  return (await Promise.all(names)).flat();
}

/** Makes the page of another size by its keys, which the shell remembers: a page that lives does that. */
async function untilZoomed(home, keys, isRight) {
  const file = join(home.dir, 'desktop.json');
  const zoom = async () => JSON.parse(await readFile(file, 'utf8').catch(() => '{}')).zoom_percent;
  await until(`the page answers ${keys}`, async () => {
    // A page that is still on its way hears nothing; then a person presses again.
    await run('xdotool', ['search', '--name', '^Layr$', 'windowfocus', '--sync', 'key', keys]).catch(() => undefined);
    return isRight(await zoom());
  });
}

test('a page whose process ends comes back, and the node runs all the time', async () => {
  const home = await on.homeOf('page');
  const app = home.start();
  await until('the node serves', () => isServing(home));
  await until('the window is open', isShown);
  for (const [keys, isRight] of [['ctrl+equal', (percent) => percent > 100], ['ctrl+0', (percent) => percent === 100]]) {
    const [page] = await processes(app.pid, 'WebKitWebProcess');
    process.kill(page, 'SIGKILL');
    await until('there is another process', async () => {
      const [other] = await processes(app.pid, 'WebKitWebProcess');
      return other !== undefined && other !== page;
    });
    await untilZoomed(home, keys, isRight);
    assert.ok(await isServing(home));
  }
  assert.equal(await app.stop(), 0);
});

test('a start without graphics acceleration takes the place of the app that runs, once', async () => {
  const home = await on.homeOf('plain');
  const first = home.start();
  await until('the node serves', () => isServing(home));
  assert.equal(await home.start('--plain-drawing').exit(), 0);
  assert.equal(await first.exit(), 0);
  await until('the node serves again', () => isServing(home));
  await until('the window is open', isShown);
  const pid = await find(process.env.LAYR_DESKTOP_BIN, on.place.dir);
  assert.notEqual(pid, first.pid);
  const environment = await readFile(`/proc/${pid}/environ`, 'utf8');
  for (const name of ['WEBKIT_DISABLE_DMABUF_RENDERER', 'WEBKIT_DISABLE_COMPOSITING_MODE']) {
    assert.ok(environment.includes(`${name}=1\0`), name);
  }
  // Nothing is gained by ending it again.
  assert.equal(await home.start('--plain-drawing').exit(), 0);
  assert.equal(await find(process.env.LAYR_DESKTOP_BIN, on.place.dir), pid);
  assert.ok(await isServing(home));
  await home.layr('stop');
  await until('it has ended', () => find(process.env.LAYR_DESKTOP_BIN, on.place.dir).then(() => false, () => true));
});
