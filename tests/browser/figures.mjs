// Measures what the page costs a person's patience: JSON lines with figure, unit, value and goal. `cargo xtask bench app`.

import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { randomBytes } from 'node:crypto';

import { chromium } from '@playwright/test';

import { makePlace as makeNetworkPlace, startNetwork } from '../desktop/app.mjs';
import { App, makePlace } from './app.mjs';
import { manyFiles } from './many-files.mjs';
import { Library, Review } from './pages/library.mjs';
import { Shell } from './pages/shell.mjs';
import { Transfers } from './pages/transfers.mjs';
import { Unlock, Welcome } from './pages/welcome.mjs';
import config from './playwright.config.mjs';

const HOSTS = 6;
const FILES = 100_000;
const PASSPHRASE = 'a throw-away identity';
const MIB = 1024 * 1024;
/** Long enough that the upload is at work through all clicks. */
const UPLOAD_MIB = 2048;
const CLICKS = 60;
const SCROLL_STEPS = 400;
/** A wheel's turn, and once in a while a leap of the scroll bar. */
const SCROLL_STEP_PX = 900;
/** What a person feels as at once. */
const GOAL_CLICK_MS = 100;

function tell(figure, unit, value, goal) {
  process.stdout.write(`${JSON.stringify({ figure, unit, value: Math.round(value * 10) / 10, goal })}\n`);
}

/** Starts to write the durations of entries of this kind down; `taken` reads them. */
function observe(page, type, options = {}) {
  return page.evaluate(
    ([kind, more]) => {
      window.layrFigures = [];
      new PerformanceObserver((list) => window.layrFigures.push(...list.getEntries().map(({ name, duration }) => ({ name, duration }))))
        .observe({ type: kind, buffered: false, ...more });
    },
    [type, options],
  );
}

/** What was written down; of the last frame it comes only after the frame. */
const taken = (page) =>
  page.evaluate(async () => {
    for (let frame = 0; frame < 2; frame += 1) {
      await new Promise((resolve) => requestAnimationFrame(resolve));
    }
    return window.layrFigures;
  });

async function scrolling(page) {
  const library = new Library(page);
  await library.row('pictures').dblclick();
  await library.row('picture 000000').waitFor();
  await observe(page, 'longtask');
  await library.grid().evaluate(
    async (grid, [steps, step]) => {
      for (let turn = 0; turn < steps; turn += 1) {
        grid.scrollTop = turn % 20 === 19 ? (grid.scrollHeight * turn) / steps : grid.scrollTop + step;
        await new Promise((resolve) => requestAnimationFrame(resolve));
      }
    },
    [SCROLL_STEPS, SCROLL_STEP_PX],
  );
  const tasks = await taken(page);
  tell('page: long tasks over 50 ms while scrolling 100 000 rows', 'count', tasks.length, 0);
  tell('page: the longest of them', 'ms', Math.max(0, ...tasks.map(({ duration }) => duration)), 50);
}

async function clicking(page, app, place) {
  const path = join(place.dir, 'large.bin');
  const file = await open(path, 'w');
  for (let written = 0; written < UPLOAD_MIB; written += 16) {
    await file.write(randomBytes(16 * MIB));
  }
  await file.close();
  await app.drop(path);
  await new Review(page).store();
  const shell = new Shell(page);
  await shell.go('Transfers');
  const transfers = new Transfers(page);
  await transfers.untilState(transfers.rows(), 'running');
  // To the next drawn frame, in steps of 8 ms, as the browser measures it; what is faster than 16 ms counts as that.
  await observe(page, 'event', { durationThreshold: 16 });
  for (let click = 0; click < CLICKS; click += 1) {
    await shell.go(['Hosting', 'Network', 'Library', 'Transfers'][click % 4]);
  }
  const state = (await app.ask('transfers')).answer.transfers[0];
  if (state.state !== 'running') {
    throw new Error(`the upload was over before the clicks were: ${state.state}`);
  }
  const slow = (await taken(page)).filter(({ name }) => name === 'click').map(({ duration }) => duration);
  const all = [...slow, ...Array.from({ length: Math.max(0, CLICKS - slow.length) }, () => 16)].toSorted((a, b) => a - b);
  tell('page: click to drawn during an upload, median', 'ms', all[Math.floor(all.length / 2)], null);
  tell('page: click to drawn during an upload, 95 of 100', 'ms', all[Math.floor(all.length * 0.95)], GOAL_CLICK_MS);
  tell('page: upload at the time', 'MiB/s', (state.rate_bytes_per_s ?? 0) / MIB, null);
}

const networkPlace = await makeNetworkPlace();
const network = await startNetwork(networkPlace, HOSTS);
const place = await makePlace();
const browser = await chromium.launch(config.use.launchOptions);
let app = await App.start(place, 'owner');
try {
  const page = await browser.newPage({ viewport: config.use.viewport });
  await page.goto(app.url);
  await new Welcome(page, app).create(network.ready.network_file, PASSPHRASE);
  await new Shell(page).untilConnected();
  await app.stop();
  await manyFiles(app.home, FILES);
  app = await App.start(place, 'owner');
  await page.goto(app.url);
  await new Unlock(page).open(PASSPHRASE);
  await new Shell(page).untilConnected();
  await scrolling(page);
  await clicking(page, app, place);
} finally {
  await browser.close();
  await app.kill();
  await network.stop();
  await networkPlace.remove();
  await place.remove();
}
