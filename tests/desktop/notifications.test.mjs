// What happened reaches the person outside the window, once, and leads back into it.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';

import { FakeFileManager, Notifications, startBus } from './bus.mjs';
import { answerFileDialog } from './fileDialog.mjs';
import { onNetwork } from './network.mjs';
import { ask } from './page.mjs';
import { until } from './webdriver.mjs';

const run = promisify(execFile);

let notifications;
let files;
let home;
let app;

const on = onNetwork(4, async ({ place, homeOf, atEnd }) => {
  const bus = await startBus(place);
  atEnd(() => bus.stop());
  notifications = await Notifications.start(bus);
  files = await FakeFileManager.start(bus);
  home = await homeOf('owner');
  app = await home.open({ DBUS_SESSION_BUS_ADDRESS: bus.environment.DBUS_SESSION_BUS_ADDRESS });
  atEnd(() => app.close());
  await app.session.untilText('Nothing is stored yet');
  await writeFile(join(place.dir, 'letter.txt'), 'dear reader, '.repeat(1000));
  const isStored = () => home.layr('put', join(place.dir, 'letter.txt')).then(() => true, () => false);
  await until('the letter is stored', isStored);
});

const xdotool = (...args) => run('xdotool', ['search', '--name', '^Layr$', ...args]);
const activeWindow = () => run('xdotool', ['getactivewindow', 'getwindowname']).then(({ stdout }) => stdout.trim(), () => '');

/** What the desktop has been told of, as the app remembers it. */
async function told() {
  return JSON.parse(await readFile(join(home.dir, 'desktop.json'), 'utf8').catch(() => '{}')).told_activity ?? 0;
}

const entries = async () => (await ask(app.session, 'activity')).entries;
const transfer = async () => (await ask(app.session, 'transfers')).transfers[0];

/** Queues a download to where another file comes to lie; it waits until all transfers may go on. */
async function queueBlockedDownload(folder) {
  const target = join(folder, 'letter.txt');
  await mkdir(folder);
  await ask(app.session, 'transfer_pause', {});
  await app.session.run("window.__TAURI_INTERNALS__.invoke('download_start', { request: { names: ['/letter.txt'] } })");
  await answerFileDialog('Choose where the file shall go', target);
  await until('it is queued', async () => (await transfer()) !== undefined);
  await writeFile(target, 'mine');
}

/** Tries again; tells the entry that comes of it once it counts as told. */
async function failAgain() {
  const before = (await entries())[0]?.id ?? 0;
  await ask(app.session, 'transfer_retry', {});
  await until('it has failed again', async () => (await entries())[0]?.id > before);
  const [entry] = await entries();
  await until('it counts as told', async () => (await told()) === entry.id);
  return entry;
}

async function wantNotifications(notifications) {
  const memory = join(home.dir, 'desktop.json');
  await writeFile(memory, JSON.stringify({ ...JSON.parse(await readFile(memory, 'utf8')), notifications }));
}

test('a failed download is one notification, and none to who looks at the window or wants none', async () => {
  const folder = join(on.place.dir, 'downloads');
  await queueBlockedDownload(folder);
  await xdotool('windowactivate', '--sync');
  await until('the window is in front', async () => (await activeWindow()) === 'Layr');
  await ask(app.session, 'transfer_resume', {});
  await until('it has failed', async () => (await transfer()).state === 'failed');
  const [seen] = await entries();
  assert.equal(seen.level, 'action');
  await until('it counts as told', async () => (await told()) === seen.id);

  await app.session.run("location.hash = '#/network'");
  await xdotool('windowminimize', '--sync');
  await until('the window is away', async () => (await activeWindow()) !== 'Layr');
  await wantNotifications(false);
  await failAgain();

  await wantNotifications(true);
  const open = await failAgain();
  // It counts as told before it is shown. One comes after the other, so that this one is a fence for those before it.
  await until('one is shown', () => /“letter.txt” was not downloaded/u.test(notifications.text()));
  assert.ok(!notifications.text().includes(folder), 'a path is not for a screen that others see');
  assert.deepEqual((await entries()).map(({ resolved }) => resolved), [false, true, true]);

  await until('the window is in front again', async () => {
    // The bus has it a moment before the screen: who clicks too early clicks again.
    await notifications.click().catch(() => undefined);
    return (await activeWindow()) === 'Layr';
  });
  await until('it shows the transfers', async () => (await app.session.run('return location.hash')) === '#/transfers');
  assert.equal(notifications.count(), 1, 'none while the window was in front, nor while nobody wanted one');
  assert.equal((await entries())[0].resolved, false, 'reading is not resolving');
  await ask(app.session, 'activity_resolve', { id: open.id });
  await ask(app.session, 'activity_clear');
  assert.deepEqual(await entries(), []);
});

test('what a finished download brought is shown in the file manager, while it is there', async () => {
  const target = join(on.place.dir, 'downloads', 'letter.txt');
  const { id } = await transfer();
  await assert.rejects(ask(app.session, 'transfer_reveal', { id }), /Only what a finished download brought/u);
  await rm(target);
  await ask(app.session, 'transfer_retry', {});
  await until('it is done', async () => (await transfer()).state === 'done');
  await ask(app.session, 'transfer_reveal', { id });
  await until('the file manager was asked', () => files.shown().length > 0);
  assert.deepEqual(files.shown(), [pathToFileURL(target).href]);
  await rm(target);
  await assert.rejects(ask(app.session, 'transfer_reveal', { id }), /is not there any more.*still stored/u);
  assert.equal(files.shown().length, 1);
});
