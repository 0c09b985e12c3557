// The app in a tray: its menu says how the node is and does what it says, and nothing more is needed to live without a window.

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, test } from 'node:test';

import { closeByTitle, endLeftApps, Home, isServing, isShown, untilHostsKnown } from './app.mjs';
import { answerFileDialog } from './fileDialog.mjs';
import { desktop } from './looks.mjs';
import { onNetwork } from './network.mjs';
import { ask } from './page.mjs';
import { pressButton } from './person.mjs';
import { find } from './processes.mjs';
import { startPanel, TrayItem } from './tray.mjs';
import { until } from './webdriver.mjs';

/** What a quit may take to park what moves, and what a machine with other work may add to it. */
const QUIT_MS = 5000 + 15_000;

/** Longest wait for the whole file to be stored, by a node that has to find its hosts again. */
const STORED_MS = 300_000;

afterEach(endLeftApps);

/** Two more than an upload needs: a host that lives at the loopback alone and has called first is not found by whom it called. */
const HOSTS = 5;

const on = onNetwork(HOSTS, async ({ place, atEnd }) => {
  const panel = await startPanel(place);
  atEnd(() => panel.stop());
});

/** A home whose person wants the node to run on. */
const homeOf = (name) => on.homeOf(name, { close_to_tray: true, close_decided: true });

test('the window goes into the tray and comes back, and the node serves all the time', async () => {
  const home = await homeOf('hides');
  const app = home.start();
  await until('the node serves', () => isServing(home));
  const item = await TrayItem.of(home);
  await item.untilLabel('Connected, no files are listed');
  await item.untilPicture('idle');
  const labels = ['Connected, no files are listed', 'Open Layr', 'Upload files…', 'Pause for…', '30 minutes', '2 hours'];
  const whole = [...labels, 'Until I resume', 'Recent', 'Renewals due…', 'Settings', 'Quit'];
  await until('the menu is whole', async () => `${await item.labels().catch(() => [])}` === `${whole}`);
  const [status] = await item.menu();
  assert.equal(status.enabled, false, 'a line that says something is no entry to choose');
  await until('the window is open', isShown);
  await desktop('tray-window');

  await closeByTitle('Layr');
  await until('the window is hidden', async () => !(await isShown()));
  assert.ok(await isServing(home));
  await desktop('tray-hidden');
  await item.choose('Open Layr');
  await until('the window is back', isShown);

  await closeByTitle('Layr');
  await until('the window is hidden', async () => !(await isShown()));
  assert.equal(await home.start('--hidden').exit(), 0);
  // The menu is served by the thread that would have shown the window by now.
  await item.labels();
  assert.equal(await isShown(), false, 'a login does not open the window of an app that runs');
  assert.equal(await home.start().exit(), 0);
  await until('a second start shows it', isShown);

  await item.choose('Quit');
  assert.equal(await app.exit(), 0);
  await assert.rejects(home.layr('status'), { code: 7 });
  const daemon = await home.daemon();
  assert.equal(await daemon.stop(), 0);
});

test('what the menu offers happens to the queue', async () => {
  const home = await homeOf('queue');
  const app = await home.open();
  try {
    await app.session.untilText('Nothing is stored yet');
    const item = await TrayItem.of(home);
    await item.untilEnabled('Pause for…');
    await item.choose('30 minutes');
    await item.untilLabel('Resume');
    const paused = await ask(app.session, 'transfers');
    assert.equal(paused.paused_all, true);
    const left = Date.parse(paused.paused_until) - Date.now();
    assert.ok(left > 20 * 60_000 && left <= 30 * 60_000, `${left} ms`);
    assert.match((await item.labels())[0], /^Paused by you until \d\d:\d\d$/u);
    await item.untilPicture('paused');

    await item.choose('Resume');
    await item.untilLabel('Pause for…');
    await item.untilPicture('idle');
    assert.deepEqual(await ask(app.session, 'transfers'), { transfers: [], paused_all: false });
    await item.choose('Until I resume');
    await item.untilLabel('Paused by you');
    assert.equal((await ask(app.session, 'transfers')).paused_until, undefined);
    await item.choose('Resume');
    await item.untilLabel('Pause for…');

    await item.choose('Settings');
    await until('the page is there', () => app.session.run("return location.hash === '#/settings'"));
  } finally {
    await app.close();
  }
});

test('files that the menu asks for are stored, across a quit in the middle, and the menu leads to them', async () => {
  const home = await homeOf('stores');
  const file = join(on.place.dir, 'film.bin');
  const content = randomBytes(24_000_000);
  await writeFile(file, content);
  const queue = async ({ session }) => (await ask(session, 'transfers')).transfers;
  const asPercent = ({ done_bytes: done, total_bytes: total }) => (total === 0 ? 0 : (100 * done) / total);

  let app = await home.open();
  try {
    await app.session.untilText('Nothing is stored yet');
    await untilHostsKnown(home);
    // So slow that the quit comes in the middle.
    await ask(app.session, 'bandwidth_set', { up_bytes_per_s: 1_000_000 });
    const item = await TrayItem.of(home);
    await item.choose('Upload files…');
    await answerFileDialog('Choose files to store', file);
    await app.session.untilText('Store these files?');
    await pressButton(app.session, 'Store');
    const isLeftTold = (label) => /^1 file, .* left, /u.test(label);
    await until('what is left is told', async () => (await item.labels().catch(() => [])).some(isLeftTold));
    await until('some of it is stored', async () => {
      const [first] = await queue(app);
      return first.state === 'running' && asPercent(first) > 5;
    });
    await item.untilPicture('syncing');
    const asked = Date.now();
    await item.choose('Quit');
    await until('the app has ended', () => find(process.env.LAYR_DESKTOP_BIN, on.place.dir).then(() => false, () => true));
    const took = Date.now() - asked;
    assert.ok(took < QUIT_MS, `the app ended after ${took} ms`);
  } finally {
    await app.close();
  }

  app = await home.open();
  try {
    await app.session.untilText('Library');
    await ask(app.session, 'bandwidth_set', { up_bytes_per_s: 0 });
    await until('it is stored', async () => (await queue(app))[0]?.state === 'done', STORED_MS);
    const item = await TrayItem.of(home);
    await item.untilLabel('film.bin');
    await item.untilPicture('safe');
    await app.session.run("location.hash = '#/network'");
    await item.choose('film.bin');
    await until('its place is shown', () => app.session.run("return location.hash.startsWith('#/library')"));
    const back = join(on.place.dir, 'film.back');
    await home.layr('get', 'film.bin', '-o', back);
    assert.ok((await readFile(back)).equals(content), 'bit for bit');
  } finally {
    await app.close();
  }
});

test('a start without a window has an icon, and a window only when the person is needed', async () => {
  const home = await homeOf('unseen');
  const app = home.start('--hidden');
  await until('the node serves', () => isServing(home));
  const item = await TrayItem.of(home);
  await item.untilEnabled('Pause for…');
  assert.equal(await isShown(), false);
  await item.choose('Open Layr');
  await until('the window is there', isShown);
  await app.stop();

  await until('no window is open', async () => !(await isShown()));
  const newcomer = new Home(on.place, 'newcomer');
  const first = newcomer.start('--hidden');
  await until('the person is asked who they are', isShown);
  const needy = await TrayItem.of(newcomer);
  await needy.untilLabel('Needs you: there is no identity yet');
  await needy.untilPicture('action');
  await desktop('tray-needs-you');
  assert.equal(await first.stop(), 0);

  const alone = new Home(on.place, 'alone');
  await alone.init('local');
  const offline = alone.start('--hidden');
  const lonely = await TrayItem.of(alone);
  await lonely.untilLabel('Offline: no peer is connected');
  await lonely.untilPicture('offline');
  assert.equal(await offline.stop(), 0);
});
