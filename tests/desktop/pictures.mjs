// Takes the pictures of the documentation from the real app on a real network: `cargo xtask screenshots`.

import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { Home, makePlace, startNetwork, untilHostsKnown, windowPicture } from './app.mjs';
import { buildDragSource, holdOver } from './drag.mjs';
import { SCHEMES } from './looks.mjs';
import { pressButton, show } from './person.mjs';
import { until } from './webdriver.mjs';

const IMAGES = new URL('../../docs/images/', import.meta.url);
const HOSTS = 12;
const MIB = 1024 * 1024;
/** Large enough to be under way for as long as a picture takes. */
const LARGE_BYTES = 512 * MIB;
/** So that a page of the documentation loads at once. */
const MAX_PICTURE_BYTES = 150_000;
/** Longest wait for what reads a large file. */
const READ_MS = 600_000;

async function picture(session, name) {
  await session.settled();
  const bytes = await windowPicture('Layr');
  if (bytes.length > MAX_PICTURE_BYTES) {
    throw new Error(`${name} has ${bytes.length} bytes, at most ${MAX_PICTURE_BYTES} are wanted`);
  }
  await writeFile(new URL(`${name}.png`, IMAGES), bytes);
}

/** Files as people have them, with content that nothing can shorten. */
async function albums(dir) {
  const sizes = { 'Harbour at dawn.jpg': 7, 'Ferry.jpg': 5, 'Market.jpg': 6, 'Old town.mov': 38 };
  await mkdir(dir);
  for (const [name, mib] of Object.entries(sizes)) {
    await writeFile(join(dir, name), randomBytes(mib * MIB));
  }
}

/** The library with the details of one file: where its parts lie. */
async function library(session) {
  await session.run("location.hash = '#/library?dir=%2FPhotos%20of%20Lisbon'");
  const row = `[...document.querySelectorAll('[role=row]')].find((row) => row.innerText.includes('Old town'))`;
  await until('the file is listed', () => session.run(`return ${row} !== undefined`));
  await session.run(`${row}.click()`);
  await session.untilText('Any ');
  await session.untilText('Everything in the library is stored');
  await picture(session, 'library');
}

/** Drops a folder with one large file and waits for the question. */
async function drop(session, place, dragSource, name, file) {
  const folder = join(place.dir, name);
  await mkdir(folder);
  await writeFile(join(folder, file), randomBytes(LARGE_BYTES));
  const held = await holdOver(place, dragSource, [folder], async () => (await session.text()).includes('Drop to store'));
  await held.drop();
  await until('all is counted', async () => (await session.text()).includes('Size on hosts, with redundancy'), READ_MS);
}

/** What a drop asks before anything is sent, then an upload under way and one that waits. */
async function uploads(session, place) {
  const dragSource = await buildDragSource(place);
  await show(session, 'library');
  await drop(session, place, dragSource, 'Letters', 'Scans.pdf');
  await picture(session, 'review');
  await pressButton(session, 'Store');
  await session.untilText('The upload is in Transfers');
  await drop(session, place, dragSource, 'Concerts', 'Winter.flac');
  await pressButton(session, 'Store');
  await session.untilText('The upload is in Transfers');
  await show(session, 'transfers');
  await session.untilText('Sending to hosts');
  const isPartSent = () => session.run("return document.querySelector('[role=progressbar]')?.getAttribute('aria-valuenow') > 15");
  await until('part of it is sent', isPartSent, READ_MS);
  await picture(session, 'transfers');
}

const place = await makePlace();
const network = await startNetwork(place, HOSTS);
try {
  const home = new Home(place, 'home');
  await home.init(network.ready.network_file);
  const app = await home.open(SCHEMES[0][1]);
  try {
    const { session } = app;
    await session.untilText('Nothing is stored yet');
    await untilHostsKnown(home, HOSTS - 2);
    await session.resize(1280, 800);
    await albums(join(place.dir, 'Photos of Lisbon'));
    await mkdir(join(place.dir, 'Documents'));
    await writeFile(join(place.dir, 'Documents/Lease.pdf'), randomBytes(MIB));
    for (const folder of ['Photos of Lisbon', 'Documents']) {
      await home.layr('put', join(place.dir, folder));
    }
    await home.layr('put', fileURLToPath(new URL('../../README.md', import.meta.url)));
    await mkdir(IMAGES, { recursive: true });
    await library(session);
    await uploads(session, place);
  } finally {
    await app.close();
  }
} finally {
  await network.stop();
  await place.remove();
}
