// Measures the app in a real window: `cargo xtask bench app`. One JSON document a line: figure, unit, value, goal.

import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { appendFile, mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { Home, isServing, makePlace, startNetwork, untilHostsKnown } from '../desktop/app.mjs';
import { ask } from '../desktop/page.mjs';
import { cpuSeconds, family, find, memory, startedAt } from '../desktop/processes.mjs';
import { until } from '../desktop/webdriver.mjs';

const run = promisify(execFile);
const HOSTS = 12;
const STARTS = 5;
/** The app has loaded what it loads at a start by then, and has seen its first peers. */
const SETTLE_S = 20;
const IDLE_S = 60;
const MANY_FILES = 100_000;
const FILES_A_FOLDER = 1000;
/** A file of that many bytes is one chunk among many in a segment, and each is different. */
const tiny = (index) => `file ${index}\n`;

const MIB = 1024 * 1024;
const SCROLL_S = 6;
/** About three rows a frame. */
const SCROLL_STEP_PX = 120;
const FIRST_FILE_BYTES = 16 * MIB;
/** Parts as large as the first file, each another: half a gibibyte. */
const LARGE_FILE_PARTS = 32;

function tell(figure, unit, value, goal = null, more = {}) {
  console.log(JSON.stringify({ figure, unit, value: Math.round(value * 1000) / 1000, goal, ...more }));
}

const wait = (seconds) => new Promise((resolve) => setTimeout(resolve, seconds * 1000));

/** Milliseconds from the start of the process until its page has drawn what it has to show. */
async function startMs(home) {
  const app = await home.open();
  try {
    await until('the page is shown', () =>
      app.session.run("return performance.getEntriesByName('layr:shown').length > 0"),
    );
    const at = await app.session.run(
      "return performance.timeOrigin + performance.getEntriesByName('layr:shown')[0].startTime",
    );
    return at - (await startedAt(await find(process.env.LAYR_DESKTOP_BIN, home.place.dir)));
  } finally {
    await app.close();
  }
}

/** Where the kernel lets us, so that the programs and their libraries come from the disk. */
async function forgetFiles() {
  await run('sync', []);
  await writeFile('/proc/sys/vm/drop_caches', '3').catch(() => undefined);
}

async function measureStarts(home) {
  await forgetFiles();
  tell('app: cold start to first paint', 'ms', await startMs(home));
  const warm = [];
  for (let start = 0; start < STARTS; start += 1) {
    warm.push(await startMs(home));
  }
  warm.sort((a, b) => a - b);
  tell('app: warm start to first paint, median', 'ms', warm[Math.floor(STARTS / 2)]);
}

/** The app as a person leaves it: open, connected, in front, nothing to do. */
async function whileIdle(home, work) {
  const app = home.start();
  try {
    await until('the node serves', () =>
      home.layr('status').then(
        ({ peers }) => peers > 0,
        () => false,
      ),
    );
    await wait(SETTLE_S);
    await work(app.pid);
  } finally {
    await app.stop();
  }
}

async function measureIdle(home, what, goalMib) {
  await whileIdle(home, async (pid) => {
    const members = await family(pid);
    const before = await cpuSeconds(members);
    await wait(IDLE_S);
    const used = (await cpuSeconds(members)) - before;
    tell(`app: processor while idle, ${what}`, '% of a core', (100 * used) / IDLE_S, 0.5);
    const { bytes, parts } = await memory(await family(pid));
    const each = Object.fromEntries(
      Object.entries(parts).map(([name, part]) => [name, Math.round(part / MIB)]),
    );
    tell(`app: memory of all processes while idle, ${what}`, 'MiB', bytes / MIB, goalMib, { parts: each });
  });
}

/** From nothing to a file stored on the try-out network and brought back: what a newcomer waits for, without reading and typing. */
async function measureFirstFile(place) {
  const home = new Home(place, 'newcomer');
  const file = join(place.dir, 'first file');
  const back = join(place.dir, 'first file, back');
  await writeFile(file, randomBytes(FIRST_FILE_BYTES));
  const began = performance.now();
  const app = await home.open();
  try {
    await ask(app.session, 'onboarding_create', { network: 'try_out', passphrase: 'a throw-away identity' });
    await until('the node serves', () => isServing(home));
    await untilHostsKnown(home);
    await home.layr('put', file);
    await home.layr('get', '/first file', '-o', back);
    const isSame = (await readFile(file)).equals(await readFile(back));
    tell(
      'app: first start to a file stored and back',
      's',
      isSame ? (performance.now() - began) / 1000 : Number.NaN,
      120,
    );
  } finally {
    await app.close();
  }
}

/** Quitting in the middle of an upload at full speed. */
async function measureQuit(place, home) {
  const file = join(place.dir, 'large file');
  const part = randomBytes(FIRST_FILE_BYTES);
  for (let written = 0; written < LARGE_FILE_PARTS; written += 1) {
    part.writeUInt32LE(written);
    await appendFile(file, part);
  }
  const app = home.start();
  await until('the node serves', () => isServing(home));
  await untilHostsKnown(home, HOSTS - 2);
  const upload = run(process.env.LAYR_BIN, ['--home', home.dir, 'put', file], {
    env: place.environment,
  }).catch(() => undefined);
  const moves = ({ transfers }) => transfers.some(({ done_bytes }) => done_bytes > 0);
  await until('the upload moves', () => home.layr('status').then(moves));
  const asked = performance.now();
  await app.stop();
  tell('app: from quit to the end, while an upload runs', 's', (performance.now() - asked) / 1000, 5);
  await upload;
}

/** Rows going by in the window for a while, drawn as this machine's start chooses and in the other way. */
async function measureScroll(home) {
  const ways = {
    'as started': {},
    'by a graphics processor or what stands for one': { WEBKIT_DISABLE_COMPOSITING_MODE: '0' },
  };
  for (const [way, environment] of Object.entries(ways)) {
    const app = await home.open(environment);
    try {
      const rows = () => app.session.run("return document.querySelectorAll('[role=grid] [role=row]').length");
      await until('the rows are there', async () => (await rows()) > 10);
      await app.session.run(`
        window.frames_ms = [];
        const grid = document.querySelector('[role=grid]');
        let last = performance.now();
        const end = last + 1000 * ${SCROLL_S};
        const step = (now) => {
          window.frames_ms.push(now - last);
          last = now;
          grid.scrollTop += ${SCROLL_STEP_PX};
          requestAnimationFrame(now < end ? step : () => { window.hasEnded = true; });
        };
        requestAnimationFrame(step);`);
      await until('the rows stand', () => app.session.run('return window.hasEnded === true'));
      const frames = (await app.session.run('return window.frames_ms')).sort((a, b) => a - b);
      const more = {
        median_ms: Math.round(frames[Math.floor(frames.length / 2)]),
        longest_ms: Math.round(frames.at(-1)),
      };
      tell(`app: frames a second while rows scroll, ${way}`, '1/s', frames.length / SCROLL_S, null, more);
    } finally {
      await app.close();
    }
  }
}

/** A library of very many files, stored as anybody stores files. */
async function fill(place, home) {
  const top = join(place.dir, 'many');
  for (let folder = 0; folder < MANY_FILES / FILES_A_FOLDER; folder += 1) {
    const dir = join(top, String(folder).padStart(3, '0'));
    await mkdir(dir, { recursive: true });
    const first = folder * FILES_A_FOLDER;
    const names = Array.from({ length: FILES_A_FOLDER }, (_, index) => first + index);
    await Promise.all(names.map((index) => writeFile(join(dir, `${index}.txt`), tiny(index))));
  }
  const node = await home.daemon();
  const hostsKnown = async () =>
    (await home.layr('hosts', '--offers')).hosts.filter(({ offer }) => offer !== null).length;
  // All but few are enough: one that lives at the loopback alone and has called first is not found.
  await until('the hosts are known', async () => (await hostsKnown()) >= HOSTS - 2);
  // A folder's worth lies at the top, where the window begins.
  await run(
    process.env.LAYR_BIN,
    ['--home', home.dir, 'put', ...(await readdir(join(top, '000'))).map((name) => join(top, '000', name))],
    { env: place.environment },
  );
  // Without its report, which names every file.
  await run(process.env.LAYR_BIN, ['--home', home.dir, 'put', top], { env: place.environment });
  await node.stop();
}

const place = await makePlace();
const network = await startNetwork(place, HOSTS);
try {
  const home = new Home(place, 'owner');
  await home.init(network.ready.network_file);
  await measureStarts(home);
  await measureIdle(home, 'empty library', 320);
  await measureFirstFile(place);
  await measureQuit(place, home);
  await fill(place, home);
  await measureIdle(home, `library of ${MANY_FILES} files`, 320);
  await measureScroll(home);
} finally {
  await network.stop();
  await place.remove();
}
