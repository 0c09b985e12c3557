// Takes the pictures of the documentation from the real app on a real network: `cargo xtask screenshots`.

import { mkdir, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

import { Home, makePlace, startNetwork } from './app.mjs';
import { SCHEMES } from './looks.mjs';

const IMAGES = new URL('../../docs/images/', import.meta.url);
const HOSTS = 12;

const place = await makePlace();
const network = await startNetwork(place, HOSTS);
try {
  const home = new Home(place, 'home');
  await home.init(network.ready.network_file);
  const app = await home.open(SCHEMES[0][1]);
  try {
    await app.session.untilText('Nothing is stored yet');
    await home.layr('host', 'set', '--quota', '1GB');
    for (const folder of ['docs', 'src-tauri', 'xtask']) {
      await home.layr('put', fileURLToPath(new URL(`../../${folder}`, import.meta.url)));
    }
    await app.session.resize(900, 640);
    await app.session.untilText('Everything in the library is stored');
    await app.session.settled();
    await mkdir(IMAGES, { recursive: true });
    await writeFile(new URL('window.png', IMAGES), await app.session.screenshot());
  } finally {
    await app.close();
  }
} finally {
  await network.stop();
  await place.remove();
}
