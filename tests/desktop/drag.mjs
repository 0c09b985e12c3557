// Drags files onto the window with a real pointer, from a program that offers them as a file manager does.

import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { launch } from './app.mjs';
import { until } from './webdriver.mjs';

const run = promisify(execFile);

// The screen has 1400 × 1000 points and the window 1000 × 720 of them, so that it covers the middle wherever it lies.
const SOURCE = { x: 1280, y: 880 };
const GRIP = { x: 1330, y: 930 };
const MIDDLE = { x: 700, y: 500 };
/** Points a step of the pointer, and seconds between two: a hand's speed. */
const STEP = 25;
const STEP_S = 0.01;

/** Compiles the program that files are dragged from, into `place`. */
export async function buildDragSource(place) {
  const program = join(place.dir, 'drag-source');
  const { stdout } = await run('pkg-config', ['--cflags', '--libs', 'gtk+-3.0']);
  const source = fileURLToPath(new URL('drag-source.c', import.meta.url));
  await run('gcc', ['-o', program, source, ...stdout.trim().split(/\s+/u)]);
  return program;
}

/**
 * Holds `paths` over the middle of the screen. `isSeen` says whether the window has noticed; `drop()` lets go and returns
 * what the source was told, `taken` or `refused`.
 */
export async function holdOver(place, program, paths, isSeen) {
  const args = [String(SOURCE.x), String(SOURCE.y), ...paths];
  const source = launch(program, args, place.environment);
  await until('the files can be grabbed', () => source.output.includes('ready'));
  await run('xdotool', ['mousemove', String(GRIP.x), String(GRIP.y), 'mousedown', '1', ...way(GRIP, MIDDLE)]);
  let wiggle = 0;
  await until('the window notices the files', async () => {
    wiggle = 1 - wiggle;
    await run('xdotool', ['mousemove', String(MIDDLE.x + wiggle), String(MIDDLE.y)]);
    return isSeen();
  }).catch(async (error) => {
    await run('xdotool', ['mouseup', '1']);
    await source.kill();
    throw error;
  });
  return {
    async drop() {
      await run('xdotool', ['mouseup', '1']);
      await source.exit();
      return source.output.trim().split('\n').at(-1);
    },
  };
}

/** The steps of a pointer from one point to another. */
function way(from, to) {
  const steps = Math.ceil(Math.hypot(to.x - from.x, to.y - from.y) / STEP);
  const at = (a, b, step) => String(Math.round(a + ((b - a) * step) / steps));
  return Array.from({ length: steps }, (_, index) => index + 1).flatMap((step) => [
    'sleep', String(STEP_S), 'mousemove', at(from.x, to.x, step), at(from.y, to.y, step),
  ]);
}
