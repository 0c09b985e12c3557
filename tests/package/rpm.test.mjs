// The package for systems that are not Debian, in a root of its own: this machine has their tool, and not their libraries.
// `cargo xtask test --only package` names it in LAYR_RPM.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';

import { program } from '../desktop/app.mjs';

const run = promisify(execFile);
const NAME = 'layr';
/** Where the tool keeps what is installed; not where that is by default, which differs. */
const DATABASE = '/database';

let root;

/** What `rpm` says of the root, in lines. */
async function rpm(...args) {
  const { stdout } = await run('rpm', ['--root', root, '--dbpath', DATABASE, ...args]);
  return stdout.trim().split('\n');
}

/** Files of the root that are not the tool's. */
async function found() {
  const { stdout } = await run('find', [root, '-type', 'f', '-not', '-path', join(root, DATABASE, '*'), '-printf', '/%P\n']);
  return stdout.split('\n').filter((path) => path !== '').sort();
}

before(async () => {
  root = await mkdtemp(join(tmpdir(), 'layr-rpm-'));
  await rpm('--initdb');
});

after(() => root && rm(root, { recursive: true, force: true }));

test('it installs, with every file that it names, and its programs start', async () => {
  // The libraries are those of this machine, of which a root without them knows nothing.
  await rpm('--install', '--nodeps', program('LAYR_RPM'));
  assert.deepEqual(await rpm('--verify', '--nodeps', NAME), [''], 'sizes, digests and modes are as the package says');
  const files = (await rpm('--query', '--list', NAME)).sort();
  assert.deepEqual(await found(), files);
  for (const place of ['applications/Layr.desktop', 'mime/packages/org.layr.desktop.xml', 'zsh/site-functions/_layr']) {
    assert.ok(files.includes(`/usr/share/${place}`), place);
  }
  const { stdout } = await run(join(root, 'usr/bin/layr'), ['--version']);
  assert.match(stdout, /\d+\.\d+\.\d+/u);
  // It gets as far as its command line, which makes no sense.
  await assert.rejects(run(join(root, 'usr/bin/layr-desktop'), ['--no-such-option']), { code: 2 });
});

test('a system without its libraries, or with older ones, is told before and not by the program', async () => {
  const needs = await rpm('--query', '--requires', NAME);
  for (const library of ['libwebkit2gtk-4.1.so.0()(64bit)', 'libgtk-3.so.0()(64bit)']) {
    assert.ok(needs.includes(library), library);
  }
  assert.ok(needs.some((need) => /^libc\.so\.6\(GLIBC_2\.\d+\)\(64bit\)$/u.test(need)), needs.join('\n'));
  await assert.rejects(rpm('--install', '--test', '--replacepkgs', program('LAYR_RPM')), /libwebkit2gtk/u);
});

test('it goes, and leaves nothing', async () => {
  await rpm('--erase', NAME);
  assert.deepEqual(await found(), []);
});
