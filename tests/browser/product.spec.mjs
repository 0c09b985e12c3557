// The bridge is in the program that was built for it, and not in the app.

import { readFile } from 'node:fs/promises';

import { program } from '../desktop/app.mjs';
import { expect, test } from './fixtures.mjs';

// What only the bridge has.
const MARKS = ['/bridge/bootstrap.js', 'The token of this bridge', '/hand/dialog'];

test('the app that people get has nothing of the bridge', async () => {
  const has = async (name) => {
    const bytes = await readFile(program(name));
    return MARKS.filter((mark) => bytes.includes(mark));
  };
  expect(await has('LAYR_BRIDGE_BIN')).toEqual(MARKS);
  expect(await has('LAYR_DESKTOP_BIN')).toEqual([]);
});
