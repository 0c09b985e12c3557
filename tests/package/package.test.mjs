// The package as a person gets it: installed with apt, found by the desktop, started, opened with what it is for, removed.
// `cargo xtask test --only package` names it in LAYR_PACKAGE; it changes the machine, which is one to throw away.

import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { copyFile, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { launch, makePlace } from '../desktop/app.mjs';
import { beginTryOut, pressButton, sealTryOut, show } from '../desktop/person.mjs';
import { Session, startDriver, until } from '../desktop/webdriver.mjs';

const run = promisify(execFile);
const NAME = 'layr';
const ENTRY = '/usr/share/applications/Layr.desktop';
const ICON = 'layr-desktop';
const MANIFEST = fileURLToPath(new URL('../fixtures/library/bearer.layr', import.meta.url));
/** Every size in which desktops look for an icon. */
const SIZES = ['16x16', '24x24', '32x32', '48x48', '64x64', '128x128', '256x256', '512x512'];

let place;
let files = [];
/** The same manifest under two names. */
let named;
let unnamed;

async function apt(...args) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  await run('apt-get', ['-q', '-y', '-o', 'DPkg::Lock::Timeout=300', ...args], { env, maxBuffer: 16 * 1024 * 1024 });
}

/** What a program prints in the place's environment, on a desktop that is not any particular one. */
async function output(program, ...args) {
  const { stdout } = await run(program, args, { env: { ...place.environment, XDG_CURRENT_DESKTOP: 'GNOME' } });
  return stdout.trim();
}

const isInstalled = () => run('dpkg-query', ['-W', '-f=${db:Status-Abbrev}', NAME]).then(({ stdout }) => stdout.startsWith('ii'), () => false);

before(async () => {
  assert.ok(!(await isInstalled()), `${NAME} is installed on this machine already, so this would remove somebody's`);
  place = await makePlace();
  // A home of its own is found by the rule that everybody's is found by.
  delete place.environment.LAYR_HOME;
  [named, unnamed] = [join(place.dir, 'a manifest.layr'), join(place.dir, 'without-an-ending')];
  await copyFile(MANIFEST, named);
  await copyFile(MANIFEST, unnamed);
  await apt('update');
  await apt('install', '--no-install-recommends', process.env.LAYR_PACKAGE);
  files = (await output('dpkg', '-L', NAME)).split('\n').filter((path) => path !== '/.');
});

after(async () => {
  if (await isInstalled()) {
    await apt('purge', NAME);
  }
  await place?.remove();
});

test('all of its files are there, and each has the mode that it needs', async () => {
  await output('dpkg', '--verify', NAME);
  const modes = await output('find', ...files, '-maxdepth', '0', '-type', 'f', '-printf', '%u %m %p\n');
  for (const line of modes.split('\n')) {
    assert.match(line, /^root (755 \/usr\/bin\/layr(-desktop)?$|644 \/usr\/share\/)/u, line);
  }
  const depends = await output('dpkg-query', '-W', '-f=${Depends}', NAME);
  assert.match(depends, /libwebkit2gtk-4\.1-0 \(>= [^)]+\)/u);
  assert.match(depends, /libc6 \(>= [^)]+\)/u);
  // Loaded by name while the app runs, so that no list of libraries has it.
  assert.match(depends, /libayatana-appindicator3-1/u);
});

test('the command works from the search path, with its page and its completions', async () => {
  assert.match(await output('layr', '--version'), /^layr \d+\.\d+\.\d+$/u);
  assert.match(await output('man', '-l', '/usr/share/man/man1/layr.1.gz'), /encrypted, on other people/u);
  assert.match(await output('man', '-l', '/usr/share/man/man1/layr-desktop.1.gz'), /--home DIR/u);
  const completed = 'source /usr/share/bash-completion/completions/layr; COMP_WORDS=(layr dev); COMP_CWORD=1; _layr layr dev layr; echo "${COMPREPLY[@]}"';
  assert.equal(await output('bash', '-c', completed), 'devnet');
});

test('the desktop knows it: entry, icons, kind of file, scheme', async () => {
  await output('desktop-file-validate', ENTRY);
  await output('appstreamcli', 'validate', '--no-net', '/usr/share/metainfo/org.layr.desktop.metainfo.xml');
  assert.match(await readFile(ENTRY, 'utf8'), new RegExp(`^Icon=${ICON}$`, 'mu'));
  for (const size of SIZES) {
    const icon = `/usr/share/icons/hicolor/${size}/apps/${ICON}.png`;
    assert.match(await output('file', '--brief', icon), new RegExp(`PNG image data, ${size.replace('x', ' x ')}`, 'u'));
  }
  assert.ok(existsSync(`/usr/share/icons/hicolor/scalable/apps/${ICON}.svg`));

  assert.equal(await output('xdg-mime', 'query', 'filetype', named), 'application/x-layr');
  assert.equal(await output('xdg-mime', 'query', 'filetype', unnamed), 'application/x-layr', 'by its first bytes');
  for (const kind of ['application/x-layr', 'x-scheme-handler/layr']) {
    assert.match(await output('gio', 'mime', kind), /Layr\.desktop/u, kind);
  }
});

/** Opens the installed app and hands over its session. */
async function inApp(work) {
  const driver = await startDriver(place.environment);
  try {
    const session = await Session.start(driver.base, '/usr/bin/layr-desktop');
    try {
      await work(session);
    } finally {
      await session.end();
    }
  } finally {
    await driver.stop();
  }
}

test('the app starts and welcomes', () => inApp((session) => session.untilText('Welcome to Layr')));

test('the window belongs to the entry', async (t) => {
  const classes = async () => (await run('wmctrl', ['-l', '-x']).catch(() => ({ stdout: '' }))).stdout;
  // That of the app before may stay a moment longer than its process.
  await until('no window is open', async () => !(await classes()).includes('Layr'));
  const app = launch('layr-desktop', [], place.environment);
  t.after(app.kill);
  let found = '';
  await until('the window is open', async () => (found = await classes()).includes('Layr'));
  const wanted = /^StartupWMClass=(.+)$/mu.exec(await readFile(ENTRY, 'utf8'))[1];
  assert.ok(found.includes(`${wanted}.`), found);
  await app.stop();
});

for (const [what, address] of [
  ['a manifest', () => named],
  ['a link', () => 'layr://import'],
]) {
  test(`${what} is opened with the installed app`, async (t) => {
    // Not through a pipe: the app that it starts would hold its end open.
    const opener = spawn('gio', ['open', address()], { env: place.environment, stdio: 'ignore' });
    assert.equal(await new Promise((resolve) => opener.once('exit', resolve)), 0);
    // Found once: where the app begins anew to draw without a graphics processor, a second look may come in between.
    let found = [];
    t.after(endAll);
    await until('the app has it', async () => (found = await startedWith()).length > 0);
    const [{ pid, words }] = found;
    assert.match(decodeURIComponent(words.at(-1)), new RegExp(`${address().replace(/[/.]/gu, '\\$&')}$`, 'u'));
    process.kill(pid, 'SIGTERM');
    await until('it has ended', () => !existsSync(`/proc/${pid}`));
  });
}

/** The installed app's processes in this place, with their arguments. */
async function startedWith() {
  const processes = [];
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/u.test(name))) {
    const read = (file) => readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => '');
    const words = (await read('cmdline')).split('\0').slice(0, -1);
    if (words[0]?.endsWith('layr-desktop') && (await read('environ')).includes(`HOME=${place.dir}\0`)) {
      processes.push({ pid: Number(pid), words });
    }
  }
  return processes;
}

/** Whatever a failed test left, which the next one would take for its own. */
async function endAll() {
  for (const { pid } of await startedWith()) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It has ended meanwhile.
    }
  }
}

test('the installed app makes an identity, stores a file, and quits', async () => {
  const file = join(place.dir, 'first.txt');
  await writeFile(file, 'my first file, '.repeat(10_000));
  await inApp(async (session) => {
    await beginTryOut(session);
    await sealTryOut(session, 'a throw-away identity');
    await pressButton(session, 'Later');
    await session.untilText('Nothing is stored yet');
    // A node that has only just started knows too few hosts.
    await until('it is stored', () => output('layr', 'put', file).then(() => true, () => false));
    await session.untilText('first.txt');
    await session.untilText('Everything in the library is kept on this computer only');
    await show(session, 'settings');
    // The app may have ended before the driver answers.
    await pressButton(session, 'Quit Layr').catch(() => undefined);
    await until('it has ended', async () => (await startedWith()).length === 0);
  });
});

test('once removed, nothing of it is left', async () => {
  await apt('purge', NAME);
  const left = [];
  for (const path of files) {
    // Directories that others use stay.
    if (existsSync(path) && !(await run('dpkg', ['-S', path]).then(() => true, () => false))) {
      left.push(path);
    }
  }
  assert.deepEqual(left, []);
  assert.doesNotMatch(await readFile('/usr/share/applications/mimeinfo.cache', 'utf8').catch(() => ''), /Layr/u);
  assert.doesNotMatch(await readFile('/usr/share/mime/types', 'utf8'), /x-layr/u);
});
