// Hosts go, a file is at risk, and the person has its lost parts made again: after a plan, with a yes, to the end.

import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { makePlace as makeNetworkPlace, startNetwork } from '../desktop/app.mjs';
import { until } from '../desktop/webdriver.mjs';
import { expect, PASSPHRASE, test } from './fixtures.mjs';
import { lookAt, lookAtLargeText } from './looks.mjs';
import { Library } from './pages/library.mjs';
import { Shell } from './pages/shell.mjs';
import { Welcome } from './pages/welcome.mjs';

/** The file's code, of which so many hosts may go before it is at risk, and as many others have to be there. */
const [NEEDED, TOTAL, KILLED] = [2, 6, 3];
/** Enough for the lost parts. */
const ENOUGH_HOSTS = TOTAL + KILLED;
/** One more: a host that lives at the loopback alone and has called first is not found by the node that it called. */
const HOSTS = ENOUGH_HOSTS + 1;
const MIB = 1024 * 1024;
/** The end of a danger that was told. */
const NO_DANGER = 'No file is at risk any more';

test('a file at risk is repaired after a plan and a yes', async ({ start, page, place }) => {
  const networkPlace = await makeNetworkPlace();
  const network = await startNetwork(networkPlace, HOSTS);
  try {
    const app = await start('owner');
    await page.goto(app.url);
    await new Welcome(page, app).create(network.ready.network_file, PASSPHRASE);
    const shell = new Shell(page);
    await shell.untilConnected();
    const known = () => app.home.layr('hosts', '--offers').catch(() => ({ hosts: [] }));
    await until('the hosts are known', async () => (await known()).hosts.length >= ENOUGH_HOSTS);
    const path = join(place.dir, 'diary.bin');
    await writeFile(path, randomBytes(MIB));
    await app.home.layr('put', path, '--redundancy', `${NEEDED}/${TOTAL}`);
    const holders = async () => {
      const { segments } = await app.home.layr('info', '/diary.bin');
      return segments.flatMap(({ shards }) => shards.map(({ host }) => host).filter((host) => host !== null));
    };
    const first = await holders();
    expect(first).toHaveLength(TOTAL);

    await shell.go('Library');
    const library = new Library(page, app);
    await library.row('diary.bin').click();
    const details = library.details();
    const repair = details.getByRole('button', { name: 'Repair…' });
    await expect(details).toContainText(`${TOTAL} of ${TOTAL} parts stored`);
    await expect(repair, 'nothing is lacking').toHaveCount(0);
    const history = details.getByRole('region', { name: 'History' });
    await expect(history).toContainText('No loss, damage or move is on record.');
    await expect(details).toContainText('All stored parts were proven to be there on');

    const killed = first.slice(0, KILLED);
    for (const { pid, peer_id: peer } of network.ready.hosts) {
      if (killed.includes(peer)) {
        process.kill(pid, 'SIGKILL');
      }
    }
    await details.getByRole('button', { name: 'Check now' }).click();
    await expect(page.getByText(`${TOTAL - KILLED} of ${TOTAL} parts are proven to be there; ${KILLED} out of reach.`)).toBeVisible();
    await expect(shell.state()).toContainText('At risk');
    await expect(details).toContainText('At risk');
    await shell.go('Activity');
    const entries = page.getByRole('list', { name: 'What happened' }).getByRole('listitem');
    await expect(entries.filter({ hasText: '1 file is at risk' }), 'the danger is told').toHaveCount(1);
    await expect(entries.filter({ hasText: NO_DANGER }), 'nor is it over').toHaveCount(0);
    await shell.go('Library');
    await library.row('diary.bin').click();
    await details.locator('summary').filter({ hasText: 'Where the parts lie' }).click();
    await expect(details.getByRole('cell', { name: 'not answered yet' })).toHaveCount(KILLED);
    await lookAt(page, 'library-at-risk');

    await repair.click();
    const sheet = page.getByRole('dialog', { name: 'Repair now?' });
    await expect(sheet).toContainText(`${KILLED} parts that are lost or out of reach are made again`);
    await lookAt(page, 'sheet-repair');
    await lookAtLargeText(page, 'sheet-repair-large-text');
    await page.setViewportSize({ width: 1280, height: 800 });
    expect(await holders(), 'nothing is done without a yes').toEqual(first);
    await sheet.getByRole('button', { name: 'Repair', exact: true }).click();
    await expect(page.getByText(`${KILLED} parts were made again, and their new hosts have proved to have them.`)).toBeVisible();
    await expect(details).toContainText(`${TOTAL} of ${TOTAL} parts stored`);
    await expect(repair).toHaveCount(0);
    const now = await holders();
    expect(now.filter((host) => killed.includes(host))).toEqual([]);
    expect(new Set(now).size).toBe(TOTAL);
    await expect(history.getByRole('listitem')).toHaveText(
      Array.from({ length: KILLED }, () => /^Part \d has a new copy at another host\./u),
    );
    for (const host of killed) {
      await expect(history.getByTitle(host), 'who had it before').toHaveCount(1);
    }
    await history.scrollIntoViewIfNeeded();
    await lookAt(page, 'library-history');

    // That the danger has passed is told as well, once.
    await expect(shell.state()).toContainText('Safe');
    await shell.go('Activity');
    await expect(entries.filter({ hasText: 'Your files were repaired' })).toHaveCount(1);
    await expect(entries.filter({ hasText: NO_DANGER })).toHaveCount(1);
    await lookAt(page, 'activity-repaired');
  } finally {
    await network.stop();
    await networkPlace.remove();
  }
});
