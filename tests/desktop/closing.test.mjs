// Closing the window: what it means is the person's choice, asked once, and nobody is ever trapped.

import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, test } from 'node:test';

import { closeByTitle, endLeftApps, Home, isServing, isShown, resizeByTitle, windowSize } from './app.mjs';
import { look } from './looks.mjs';
import { onNetwork } from './network.mjs';
import { ask } from './page.mjs';
import { pressButton } from './person.mjs';
import { until } from './webdriver.mjs';

const on = onNetwork(1);

afterEach(endLeftApps);

const untilNoWindow = () => until('no window is open', async () => !(await isShown()));

const remembered = async (home) => JSON.parse(await readFile(join(home.dir, 'desktop.json'), 'utf8'));

/** Notes in the page whenever the shell asks what closing means. */
function listen(session) {
  return session.runAsync(`
    const done = arguments[arguments.length - 1];
    window.asked = 0;
    const { invoke, transformCallback } = window.__TAURI_INTERNALS__;
    invoke('plugin:event|listen', {
      event: 'close-asked',
      target: { kind: 'Any' },
      handler: transformCallback(() => { window.asked += 1; }),
    }).then(() => done(null));
  `);
}

test('the first close asks; to keep running hides the window from then on', async () => {
  const home = await on.homeOf('asks');
  const app = await home.open();
  try {
    await app.session.untilText('Nothing is stored yet');
    await listen(app.session);
    await closeByTitle('Layr');
    await until('the page is asked', () => app.session.run('return window.asked === 1'));
    assert.ok(await isShown(), 'nothing happens before the answer');
    await look(app.session, 'close-question');
    await pressButton(app.session, 'Keep running');
    await until('the window is hidden', async () => !(await isShown()));
    assert.ok(await isServing(home));
    const kept = await remembered(home);
    assert.deepEqual([kept.close_decided, kept.close_to_tray], [true, true]);

    assert.equal(await home.start().exit(), 0);
    await until('a second start shows it', isShown);
    await closeByTitle('Layr');
    await until('the window is hidden at once', async () => !(await isShown()));
    assert.equal(await app.session.run('return window.asked'), 1);
  } finally {
    await app.close();
  }
});

test('a page that does not answer traps nobody, and nothing is decided by that', async () => {
  const home = await on.homeOf('deaf');
  const app = home.start();
  await until('the node serves', () => isServing(home));
  await until('the window is open', isShown);
  await closeByTitle('Layr');
  await closeByTitle('Layr');
  await until('the window is hidden', async () => !(await isShown()));
  assert.ok(await isServing(home));
  await assert.rejects(remembered(home), { code: 'ENOENT' });
  await app.stop();
});

test('to quit when closed is remembered too', async () => {
  const home = await on.homeOf('quits');
  const app = home.start();
  await until('the node serves', () => isServing(home));
  await home.remember({ close_to_tray: false, close_decided: true });
  await until('the window is open', isShown);
  await closeByTitle('Layr');
  const closed = Date.now();
  assert.equal(await app.exit(), 0);
  const took = Date.now() - closed;
  // Five seconds are the product's; the rest is for a machine that does other work meanwhile.
  assert.ok(took < 30_000, `the app ended after ${took} ms`);
  await assert.rejects(home.layr('status'), { code: 7 });
  const daemon = await home.daemon();
  assert.equal(await daemon.stop(), 0);
});

test('without a node there is nothing to keep running', async () => {
  const home = new Home(on.place, 'nobody');
  await home.remember({ close_to_tray: true, close_decided: true });
  const app = home.start();
  await until('the window is open', isShown);
  // While the start is under way a close only hides, and the window comes back: then a person closes it again.
  await until('the app has ended', async () => {
    await closeByTitle('Layr').catch(() => undefined);
    return app.ended();
  });
  assert.equal(await app.exit(), 0);
});

test('the page can quit', async () => {
  const home = await on.homeOf('page-quits');
  const app = await home.open();
  try {
    await app.session.untilText('Nothing is stored yet');
    await ask(app.session, 'quit').catch(() => undefined);
    await until('the node is gone', async () => !(await isServing(home)));
    await until('the window is gone', async () => !(await isShown()));
  } finally {
    await app.close();
  }
});

test('the window comes back as large as it was, and never larger than the screen', async () => {
  const home = await on.homeOf('sized');
  await home.remember({ close_to_tray: true, close_decided: true });
  const app = home.start();
  await until('the node serves', () => isServing(home));
  await until('the window is open', isShown);
  await resizeByTitle('Layr', 900, 600);
  await until('it is that large', async () => `${await windowSize('Layr')}` === '900,600');
  await closeByTitle('Layr');
  await until('the window is hidden', async () => !(await isShown()));
  await app.stop();

  await untilNoWindow();
  const again = home.start();
  await until('the window is open', isShown);
  await until('it is as large as before', async () => `${await windowSize('Layr')}` === '900,600');
  await again.stop();

  const file = join(on.place.environment.XDG_CONFIG_HOME, 'org.layr.desktop', '.window-state.json');
  const state = JSON.parse(await readFile(file, 'utf8'));
  Object.assign(state.main, { width: 9000, height: 9000, x: -20_000, y: -20_000 });
  await writeFile(file, JSON.stringify(state));
  await untilNoWindow();
  const huge = home.start();
  let size;
  await until('the window is open', async () => (size = await windowSize('Layr')) !== undefined);
  const [width, height] = size;
  assert.ok(width <= 1400 && height <= 1000, `${width}x${height}`);
  await huge.stop();
});
