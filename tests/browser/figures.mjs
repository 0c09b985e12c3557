// Measures what the page costs a person's patience: JSON lines with figure, unit, value and goal. `cargo xtask bench app`.

import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { randomBytes } from 'node:crypto';

import { chromium } from '@playwright/test';

import { makePlace as makeNetworkPlace, startNetwork, untilHostsKnown } from '../desktop/app.mjs';
import { until } from '../desktop/webdriver.mjs';
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
/** A wheel's turn: less than what is drawn at a time, so that every row is. */
const SCROLL_STEP_PX = 900;
/** Leaps of the scroll bar, after the whole way. */
const LEAPS = 20;
/** Longest wait for what reads the whole file that is uploaded. */
const READ_MS = 600_000;
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
  const drawn = await library.grid().evaluate(
    async (grid, [step, leaps]) => {
      const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
      const seen = new Set();
      const end = grid.scrollHeight - grid.clientHeight;
      for (let top = 0; top < end + step; top += step) {
        grid.scrollTop = Math.min(top, end);
        await frame();
        for (const row of grid.querySelectorAll('[role=row]:not([aria-rowindex="1"])')) {
          seen.add(row.getAttribute('aria-rowindex'));
        }
      }
      for (let leap = 0; leap < leaps; leap += 1) {
        grid.scrollTop = (end * ((leap * 7) % leaps)) / leaps;
        await frame();
      }
      return seen.size;
    },
    [SCROLL_STEP_PX, LEAPS],
  );
  if (drawn < FILES) {
    throw new Error(`only ${drawn} of ${FILES} rows were drawn`);
  }
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
  const review = new Review(page);
  await review.counted(READ_MS);
  await review.store();
  const shell = new Shell(page);
  await shell.go('Transfers');
  const transfers = new Transfers(page);
  await transfers.untilState(transfers.rows(), 'running');
  const upload = async () => (await app.ask('transfers')).answer.transfers[0];
  const isSending = ({ state, stage }) => state === 'running' && stage === 'sending';
  await until('parts are being sent', async () => {
    const now = await upload();
    return isSending(now) && now.done_bytes > 0;
  }, READ_MS);
  // To the next drawn frame, in steps of 8 ms, as the browser measures it; what is faster than 16 ms counts as that.
  await observe(page, 'event', { durationThreshold: 16 });
  let now = await upload();
  for (let click = 0; click < CLICKS; click += 1) {
    await shell.go(['Hosting', 'Network', 'Library', 'Transfers'][click % 4]);
    now = await upload();
    if (!isSending(now)) {
      throw new Error(`nothing was being sent at click ${click}: ${now.state}, ${now.stage}`);
    }
  }
  const slow = (await taken(page)).filter(({ name }) => name === 'click').map(({ duration }) => duration);
  const all = [...slow, ...Array.from({ length: Math.max(0, CLICKS - slow.length) }, () => 16)].toSorted((a, b) => a - b);
  tell('page: click to drawn during an upload, median', 'ms', all[Math.floor(all.length / 2)], null);
  tell('page: click to drawn during an upload, 95 of 100', 'ms', all[Math.floor(all.length * 0.95)], GOAL_CLICK_MS);
  tell('page: upload at the time', 'MiB/s', (now.rate_bytes_per_s ?? 0) / MIB, null);
}

const networkPlace = await makeNetworkPlace();
const network = await startNetwork(networkPlace, HOSTS);
const place = await makePlace();
const browser = await chromium.launch(config.use.launchOptions);
let app = await App.start(place, 'owner');
try {
  const page = await browser.newPage({ viewport: config.use.viewport });
  page.setDefaultTimeout(config.use.actionTimeout);
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
  await untilHostsKnown(app.home);
  await clicking(page, app, place);
} finally {
  await browser.close();
  await app.kill();
  await network.stop();
  await networkPlace.remove();
  await place.remove();
}
