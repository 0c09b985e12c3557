// The main job, as a person does it, on a network of its own, one of whose hosts is dead before anything is stored.

import { readdir, readFile, mkdir, writeFile } from 'node:fs/promises';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';

import { makePlace as makeNetworkPlace, startNetwork } from '../desktop/app.mjs';
import { until } from '../desktop/webdriver.mjs';
import { expect, PASSPHRASE, test } from './fixtures.mjs';
import { Library, Review } from './pages/library.mjs';
import { Shell } from './pages/shell.mjs';
import { Transfers } from './pages/transfers.mjs';
import { Unlock, Welcome } from './pages/welcome.mjs';

/** With one dead there are still enough for the two of six that they began with. */
const ENOUGH_HOSTS = 7;
/** One more: a host that lives at the loopback alone and has called first is not found by the node that it called. */
const HOSTS = ENOUGH_HOSTS + 1;
const MIB = 1024 * 1024;
const SLOW_BYTES_PER_S = 2_000_000;

const FILES = {
  'letter.txt': Buffer.from('dear reader, '.repeat(1000)),
  'empty.txt': Buffer.alloc(0),
  'film with umlaut ü.bin': randomBytes(64 * MIB),
};

test('three files survive a dead host, a pause and a crash, and come back bit for bit', async ({ start, page, place }) => {
  const networkPlace = await makeNetworkPlace();
  const network = await startNetwork(networkPlace, HOSTS);
  try {
    const paths = [];
    for (const [name, content] of Object.entries(FILES)) {
      const path = join(place.dir, name);
      await writeFile(path, content);
      paths.push(path);
    }
    const app = await start('owner');
    await page.goto(app.url);
    await new Welcome(page, app).create(network.ready.network_file, PASSPHRASE);
    const shell = new Shell(page);
    await shell.untilConnected();
    const known = () => app.home.layr('hosts', '--offers').catch(() => ({ hosts: [] }));
    await until('the hosts are known', async () => (await known()).hosts.length >= ENOUGH_HOSTS);
    process.kill(network.ready.hosts[0].pid, 'SIGKILL');

    // On a quick machine it would be over before it is paused.
    expect((await app.ask('bandwidth_set', { up_bytes_per_s: SLOW_BYTES_PER_S })).status).toBe(200);
    await shell.go('Transfers');
    await app.drop(...paths);
    const review = new Review(page);
    await review.counted();
    await expect(review.fact('Files')).toHaveText(String(paths.length));
    await review.store();
    const transfers = new Transfers(page);
    await transfers.untilState(transfers.rows(), 'running');
    const first = async () => (await app.ask('transfers')).answer.transfers[0];
    const isCounted = async () => (await first()).total_bytes > 0;
    await until('what there is to do is counted', isCounted);
    await transfers.pauseAll();
    await transfers.untilState(transfers.rows(), 'paused');
    // The decision is shown at once, and how far it came when what was under way has stopped.
    await until('how far it came is written down', isCounted);
    const paused = await first();
    expect(paused.done_bytes, 'it was paused on its way').toBeLessThan(paused.total_bytes);
    await expect(page.getByRole('main').getByText('Paused by you until you resume.').first()).toBeVisible();

    await app.kill();
    const again = await start('owner');
    await page.goto(again.url);
    await new Unlock(page).open(PASSPHRASE);
    await shell.go('Transfers');
    await transfers.untilState(transfers.rows(), 'paused');
    expect((await again.ask('bandwidth_set', { up_bytes_per_s: 0 })).status).toBe(200);
    await transfers.button('Resume all').click();
    await transfers.untilState(transfers.rows(), 'done');

    await shell.go('Library');
    const library = new Library(page, again);
    const target = join(place.dir, 'back');
    await mkdir(target);
    await library.download(target, ...Object.keys(FILES));
    await shell.go('Transfers');
    // The upload, and a download for each of the files.
    await expect(transfers.done()).toHaveCount(1 + paths.length, { timeout: 400_000 });
    expect((await readdir(target)).toSorted()).toEqual(Object.keys(FILES).toSorted());
    for (const [name, content] of Object.entries(FILES)) {
      const back = await readFile(join(target, name));
      expect(back.equals(content), name).toBe(true);
    }
  } finally {
    await network.stop();
    await networkPlace.remove();
  }
});
