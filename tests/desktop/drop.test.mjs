// Files dragged from another program and dropped onto the window: what is shown, what is asked, what is sent.

import assert from 'node:assert/strict';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';

import { untilHostsKnown, Home } from './app.mjs';
import { buildDragSource, holdOver } from './drag.mjs';
import { onNetwork } from './network.mjs';
import { pressButton } from './person.mjs';
import { until } from './webdriver.mjs';

const HOSTS = 6;

let home;
let app;
let dragSource;

const on = onNetwork(HOSTS, async ({ place, homeOf, atEnd }) => {
  dragSource = await buildDragSource(place);
  home = await homeOf('owner');
  app = await home.open();
  atEnd(() => app.close());
  await app.session.untilText('Nothing is stored yet');
  await untilHostsKnown(home);
});

/** Holds the files over the window until it says so. */
function hold(...paths) {
  const overlay = 'Drop to store in Library';
  return holdOver(on.place, dragSource, paths, async () => (await app.session.text()).includes(overlay));
}

/** Drops the files and returns what the review says, once it says `wanted`. */
async function review(paths, wanted) {
  const held = await hold(...paths);
  assert.equal(await held.drop(), 'taken');
  await app.session.untilText('Store these files?');
  return app.session.untilText(wanted);
}

/** A line of the review, as `[shown, exact]`. */
function fact(name) {
  return app.session.run(`
    const term = [...document.querySelectorAll('[role=dialog] dt')].find((term) => term.innerText.trim() === arguments[0]);
    const value = term?.nextElementSibling;
    return value ? [value.innerText.trim(), value.getAttribute('title')] : null`, name);
}

/** Sees what was left out, with its reasons. */
async function leftOut() {
  await app.session.click('[role=dialog] summary');
  return app.session.text();
}

async function refuse() {
  await pressButton(app.session, 'Cancel');
  await until('the question is gone', async () => !(await app.session.text()).includes('Store these files?'));
}

/** Names in the library. */
async function stored() {
  return (await home.layr('ls', '-r')).files.map(({ name }) => name).sort();
}

/** What hosts hold for anybody, in bytes. */
async function bytesAtHosts() {
  const space = await Promise.all(on.network.ready.hosts.map((host) => new Home({ ...on.place, dir: '' }, host.home).layr('status')));
  return space.reduce((sum, { hosting }) => sum + hosting.used_bytes + hosting.reserved_bytes, 0);
}

test('a drop is named, counted and measured first, and sent only after the yes', async () => {
  const folder = join(on.place.dir, 'Fotos Müller');
  const contents = new Map([
    ['/Fotos Müller/a picture.txt', 'seen from afar, '.repeat(5000)],
    ['/Fotos Müller/two\nlines.txt', 'over there, '.repeat(4000)],
    ['/Grüße 100%.txt', 'from all of us, '.repeat(3000)],
  ]);
  await mkdir(folder);
  for (const [name, content] of contents) {
    await writeFile(join(on.place.dir, name), content);
  }

  const held = await hold(folder, join(on.place.dir, 'Grüße 100%.txt'));
  assert.match(await app.session.text(), /Drop to store in Library\s+2 items\s+You see what will be stored/u);
  assert.equal(await held.drop(), 'taken');

  await app.session.untilText('Size on hosts, with redundancy');
  assert.ok(!(await app.session.text()).includes('Drop to store'), 'the overlay is gone');
  const bytes = [...contents.values()].reduce((sum, content) => sum + content.length, 0);
  assert.deepEqual(await fact('Goes to'), ['Library', null]);
  assert.deepEqual((await fact('Files'))[0], '3');
  const [size, exact] = await fact('Size');
  assert.deepEqual([size, exact.replace(/\D/gu, '')], ['176 kB', String(bytes)]);
  assert.deepEqual((await fact('Already stored'))[0], 'Nothing of it');
  assert.deepEqual(await fact('Cost'), ['Free', null], 'these hosts ask for nothing');
  const onHosts = Number((await fact('Size on hosts, with redundancy'))[1].replace(/\D/gu, ''));
  assert.ok(onHosts > 0, 'hosts would store something');

  assert.deepEqual(await stored(), []);
  assert.equal(await bytesAtHosts(), 0, 'nothing is sent before the yes');

  await pressButton(app.session, 'Store');
  await app.session.untilText('Grüße 100%.txt');
  await until('everything is stored', async () => (await home.layr('status')).transfers.length === 0);
  await app.session.untilText('Everything in the library is stored');
  assert.deepEqual(await stored(), ['/Fotos Müller', ...contents.keys()].sort());
  // It counts as safe before the last parts have come.
  await until('the hosts have what the review said', async () => (await bytesAtHosts()) >= onHosts);
  for (const [name, content] of contents) {
    const back = join(on.place.dir, 'back');
    await home.layr('get', name, '-o', back);
    assert.equal(await readFile(back, 'utf8'), content);
    await rm(back);
  }
});

test('what has no content is left out with a reason, and an empty file is stored', async () => {
  const empty = join(on.place.dir, 'empty.txt');
  await writeFile(empty, '');
  const socket = join(on.place.dir, 'a socket');
  const server = createServer().listen(socket);
  try {
    await review(['/dev/null', socket, empty], '2 items are left out');
    assert.deepEqual((await fact('Files'))[0], '1');
    const text = await leftOut();
    assert.match(text, /\/dev\/null\s*it is a device, which has no content to store/u);
    assert.match(text, /a socket\s*it is a socket, which has no content to store/u);
    await pressButton(app.session, 'Store');
    await app.session.untilText('empty.txt');
    await until('it is in the library', async () => (await stored()).includes('/empty.txt'));
  } finally {
    server.close();
  }
});

test('nothing but a device is nothing to store', async () => {
  const before = await stored();
  await review(['/dev/null'], 'There is nothing here that can be stored');
  assert.equal(await app.session.run(`
    return [...document.querySelectorAll('[role=dialog] button')].find((button) => button.innerText.trim() === 'Store').disabled`), true);
  await refuse();
  assert.deepEqual(await stored(), before);
});

test('a file that vanished while it was held is left out by name, and nothing is sent unasked', async () => {
  const [before, bytesBefore] = [await stored(), await bytesAtHosts()];
  const [stays, goes] = [join(on.place.dir, 'stays.txt'), join(on.place.dir, 'goes.txt')];
  await writeFile(stays, 'here');
  await writeFile(goes, 'and gone');
  const held = await hold(stays, goes);
  await rm(goes);
  await held.drop();
  await app.session.untilText('1 item is left out');
  assert.match(await leftOut(), /goes\.txt/u);
  await refuse();
  assert.deepEqual(await stored(), before);
  // Hosts may still let go of spare parts.
  assert.ok((await bytesAtHosts()) <= bytesBefore);
});

test('a link from a browser is not taken for a file', async () => {
  const before = await stored();
  await review(['https://example.org/picture.png'], 'These files cannot be stored');
  assert.match(await app.session.text(), /is no file of this computer/u);
  await refuse();
  assert.deepEqual(await stored(), before);
});
