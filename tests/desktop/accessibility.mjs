// Runs axe in the real page, with the real layout: contrast counts here.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';

const AXE = new URL('../../ui/node_modules/axe-core/axe.min.js', import.meta.url);

/** Fails with the list of what axe finds in the page of `session`. */
export async function assertAccessible(session, where) {
  const axe = await readFile(AXE, 'utf8');
  const script = `
    const done = arguments[arguments.length - 1];
    ${axe}
    axe.run(document, { resultTypes: ['violations'] }).then(
      ({ violations }) => done(violations.map(({ id, nodes }) => id + ': ' + nodes.map(({ html }) => html).join(' '))),
      (error) => done([String(error)]),
    );
  `;
  assert.deepEqual(await session.runAsync(script), [], `accessibility of ${where}`);
}

/** Fails when the page is wider than the window: nothing may need sideways scrolling. */
export async function assertFits(session, where) {
  const [content, window] = await session.run('return [document.documentElement.scrollWidth, innerWidth]');
  assert.ok(content <= window, `${where} is ${content} wide in a window of ${window}`);
}
