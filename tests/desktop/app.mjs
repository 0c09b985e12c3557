// The app and the `layr` command under test, each home in a directory of its own.

import { execFile, spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { Session, startDriver, until } from './webdriver.mjs';

const run = promisify(execFile);

/** Longest wait for the end of a process that was asked to end: of a network of many on a slow machine. */
const EXIT_MS = 180_000;

/** A program that `cargo xtask` names in the environment. */
export function program(name) {
  const path = process.env[name];
  if (path === undefined) {
    throw new Error(`${name} is not set; run these tests with \`cargo xtask test\``);
  }
  return path;
}

/** Where homes, passphrase and everything that GTK and WebKit write lie; removed by `remove()`. */
export async function makePlace() {
  const dir = await mkdtemp(join(tmpdir(), 'layr-window-'));
  const passphraseFile = join(dir, 'passphrase');
  await writeFile(passphraseFile, 'a throw-away identity', { mode: 0o600 });
  const place = {
    dir,
    environment: {
      ...process.env,
      HOME: dir,
      XDG_RUNTIME_DIR: dir,
      XDG_CACHE_HOME: join(dir, 'cache'),
      XDG_CONFIG_HOME: join(dir, 'config'),
      XDG_DATA_HOME: join(dir, 'data'),
      GDK_BACKEND: 'x11',
      LIBGL_ALWAYS_SOFTWARE: '1',
      LAYR_PASSPHRASE_FILE: passphraseFile,
    },
    remove: () => rm(dir, { recursive: true, force: true, maxRetries: 5 }),
  };
  return place;
}

/** Apps that a test started. */
const apps = new Set();

/** Ends those that a failed test left: their windows, icons and locks would be taken for those of the next one. */
export async function endLeftApps() {
  await Promise.all([...apps].filter((app) => !app.ended()).map((app) => app.kill()));
  apps.clear();
}

/** One home, the commands that run in it and the app that opens it. */
export class Home {
  constructor(place, name) {
    this.place = place;
    this.dir = join(place.dir, name);
  }

  /** Runs `layr` in this home and returns its JSON document; a failure carries `code` (the exit code) and `error`. */
  async layr(...args) {
    const options = { env: this.place.environment, maxBuffer: 16 * 1024 * 1024 };
    try {
      const { stdout } = await run(program('LAYR_BIN'), ['--json', '--home', this.dir, ...args], options);
      return JSON.parse(stdout);
    } catch (error) {
      error.error = parseOrUndefined(error.stdout)?.error;
      throw error;
    }
  }

  /** What the app finds that it remembers of this home. */
  async remember(remembered) {
    await mkdir(this.dir, { recursive: true });
    await writeFile(join(this.dir, 'desktop.json'), JSON.stringify(remembered));
  }

  /** Creates an identity on the network of `networkFile`. */
  init(networkFile) {
    return this.layr('init', '--key-store', 'file', '--network', networkFile);
  }

  /** Opens the app under a web driver. */
  async open(environment = {}) {
    const driver = await startDriver({ ...this.place.environment, ...environment });
    try {
      const session = await Session.start(driver.base, program('LAYR_DESKTOP_BIN'), ['--home', this.dir]);
      return { session, close: () => session.end().then(driver.stop) };
    } catch (error) {
      await driver.stop();
      throw error;
    }
  }

  /** Starts the app as a person does. */
  start(...args) {
    const app = launch(program('LAYR_DESKTOP_BIN'), ['--home', this.dir, ...args], this.place.environment);
    apps.add(app);
    return app;
  }

  /** Starts a node without a window and waits until it serves. */
  async daemon() {
    const node = launch(program('LAYR_BIN'), ['--json', '--home', this.dir, 'daemon'], this.place.environment);
    await until('the daemon is ready', () => node.output.includes('\n'));
    return node;
  }
}

/** Whether a node answers in this home. */
export function isServing(home) {
  return home.layr('status').then(() => true, () => false);
}

/** Waits until so many hosts have named their terms: fewer than three store nothing. */
export function untilHostsKnown(home, fewest = 3) {
  return until('the network is found', async () => {
    const { hosts } = await home.layr('hosts', '--offers').catch(() => ({ hosts: [] }));
    return hosts.filter(({ offer }) => offer !== null).length >= fewest;
  });
}

/** A network of `hosts` hosts; `ready` is what it printed, `stop()` ends it with all its processes. */
export async function startNetwork(place, hosts, more = []) {
  const args = ['--json', 'devnet', '--hosts', String(hosts), '--dir', join(place.dir, 'network'), ...more];
  const network = launch(program('LAYR_BIN'), args, place.environment);
  await until('the network is ready', () => network.output.includes('\n') || network.ended(), 180_000);
  if (network.ended()) {
    throw new Error('the network ended before it was ready');
  }
  return { ready: JSON.parse(network.output), stop: network.stop };
}

/** A process with what it printed, its end, and a polite way to end it. */
export function launch(path, args, environment) {
  const child = spawn(path, args, { env: environment, stdio: ['ignore', 'pipe', 'inherit'] });
  const started = { pid: child.pid, output: '', code: undefined };
  child.stdout.on('data', (bytes) => (started.output += bytes));
  // A test that failed leaves its processes; the next test would meet them.
  const end = () => child.kill('SIGKILL');
  process.once('exit', end);
  child.once('exit', (code, signal) => {
    process.off('exit', end);
    started.code = code ?? signal;
  });
  const ended = () => started.code !== undefined;
  // One that does not end fails its test and does not hold the others for ever.
  const exit = async () => {
    await until(`${path} has ended`, ended, EXIT_MS).catch((error) => {
      end();
      throw error;
    });
    return started.code;
  };
  return Object.assign(started, {
    exit,
    kill: () => {
      end();
      return exit();
    },
    ended,
    stop: () => {
      child.kill('SIGTERM');
      return exit();
    },
  });
}

function parseOrUndefined(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Asks the window manager to close the window with this title, as its close button does. */
export async function closeByTitle(title) {
  await run('wmctrl', ['-c', title]);
}

/** Titles of all open windows. */
export async function windowTitles() {
  const { stdout } = await run('wmctrl', ['-l']).catch(() => ({ stdout: '' }));
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.split(/\s+/u).slice(3).join(' '));
}

/** Whether the app's window is open. */
export async function isShown() {
  return (await windowTitles()).includes('Layr');
}

/** The content of the window with this title, or of the `root` with all of them, as PNG bytes: as it is on the screen. The
 * driver's own pictures never come where the web view draws without a graphics processor and the window was resized. */
export async function windowPicture(title) {
  const options = { encoding: 'buffer', maxBuffer: 16 * 1024 * 1024 };
  const { stdout } = await run('import', ['-silent', '-window', title, 'png:-'], options);
  return stdout;
}

/** Width and height of the content of the window with this title. */
export async function windowSize(title) {
  const { stdout } = await run('wmctrl', ['-lG']).catch(() => ({ stdout: '' }));
  const line = stdout.split('\n').find((candidate) => candidate.endsWith(` ${title}`));
  return line?.split(/\s+/u).slice(4, 6).map(Number);
}

/** Makes the window with this title as large, as its frame does. */
export async function resizeByTitle(title, width, height) {
  await run('wmctrl', ['-r', title, '-e', `0,-1,-1,${width},${height}`]);
}
