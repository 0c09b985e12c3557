// A page that turned hostile, or one that is not ours: each call is refused with a sentence, and nothing happens.

import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';

import { expect, test } from './fixtures.mjs';

const BINDINGS = new URL('../../ui/src/ipc/bindings.ts', import.meta.url);
const MIB = 1024 * 1024;

/** Commands that take a request. */
async function commandsWithRequests() {
  const bindings = await readFile(BINDINGS, 'utf8');
  const names = [...bindings.matchAll(/ask<[^(]*>\('(\w+)', request\)/gu)].map(([, name]) => name);
  expect(names.length).toBeGreaterThan(10);
  return names;
}

function expectSentence({ status, answer }, wanted, what) {
  expect({ what, status, code: answer.code }).toEqual({ what, ...wanted });
  expect(answer.message.length, answer.message).toBeGreaterThan(15);
}

const INVALID = { status: 422, code: 'invalid_request' };

test('requests of the wrong kind are refused by every command', async ({ owner }) => {
  for (const command of await commandsWithRequests()) {
    for (const request of [7, 'text', [{}], null, undefined, { names: 3, name: {}, id: [], selection: 1, token: 2 }]) {
      const outcome = await owner.app.ask(command, request);
      const what = `${command} ${JSON.stringify(request)}`;
      expectSentence(outcome, INVALID, what);
    }
  }
});

const TOO_MUCH = [
  ['file_info', { name: 'x'.repeat(40_000) }],
  ['file_info', { name: '' }],
  ['files_remove', { names: Array.from({ length: 10_001 }, () => '/a') }],
  ['files_remove', { names: [] }],
  ['library_page', { trash: false, sort: 'name', descending: false, offset: 0, limit: 1e9 }],
  ['library_page', { trash: false, sort: 'name', descending: false, offset: -1, limit: 10 }],
  ['library_page', { trash: false, sort: 'colour', descending: false, offset: 0, limit: 10 }],
  ['transfer_cancel', { id: 1.5 }],
  ['upload_start', { selection: '/etc/passwd' }],
  ['upload_start', { selection: '0'.repeat(32), paths: ['/etc/passwd'] }],
  ['selection_review', { selection: '../'.repeat(11) }],
  ['import_confirm', { token: '/etc/passwd' }],
];

test('lengths, counts and numbers out of bounds are refused', async ({ owner }) => {
  for (const [command, request] of TOO_MUCH) {
    expectSentence(await owner.app.ask(command, request), INVALID, `${command} ${JSON.stringify(request).slice(0, 80)}`);
  }
  const { answer } = await owner.app.ask('upload_start', { selection: '0'.repeat(32) });
  expect(answer.code, 'an id that was guessed').toBe('not_found');
});

test('unknown commands, too long calls and strangers are refused', async ({ owner }) => {
  const { app } = owner;
  const refused = async (response, status, what) => {
    expectSentence({ status: response.status, answer: await response.json() }, { status, code: 'invalid_request' }, what);
  };
  const own = { Authorization: `Bearer ${app.token}` };
  const call = { command: 'node_view' };
  await refused(await app.post('/ask', { command: 'plugin:shell|execute', arguments: { program: 'sh' } }), 403, 'plugin');
  await refused(await app.post('/ask', { command: 'no_such_command' }), 403, 'unknown');
  await refused(await app.post('/ask', 'no document'), 400, 'no document');
  await refused(await app.post('/ask', { command: 'node_view', arguments: 'x'.repeat(5 * MIB) }), 413, 'oversized');
  await refused(await app.post('/ask', call, {}), 401, 'no token');
  await refused(await app.post('/ask', call, { Authorization: 'Bearer 00' }), 401, 'wrong token');
  await refused(await app.post('/ask', call, { ...own, Origin: 'http://example.org' }), 403, 'wrong origin');
  expect((await app.post('/ask', call)).status).toBe(200);
});

test('a page from elsewhere that knows the token changes nothing', async ({ owner, context }) => {
  const elsewhere = createServer((_request, response) => {
    response.setHeader('Content-Type', 'text/html');
    response.end('<title>elsewhere</title>');
  });
  await new Promise((resolve) => elsewhere.listen(0, '127.0.0.1', resolve));
  try {
    const page = await context.newPage();
    await page.goto(`http://127.0.0.1:${elsewhere.address().port}`);
    const { origin, token } = owner.app;
    const outcomes = await page.evaluate(
      async ([bridge, secret]) => {
        const body = JSON.stringify({ command: 'transfer_pause', arguments: { request: {} } });
        const sent = (mode, headers) =>
          fetch(`${bridge}/ask?token=${secret}`, { method: 'POST', mode, headers, body }).then(
            ({ status, type }) => `${status} ${type}`,
            () => 'failed',
          );
        const socket = new WebSocket(`${bridge.replace('http', 'ws')}/events?token=${secret}`);
        const opened = new Promise((resolve) => {
          socket.onopen = () => resolve('open');
          socket.onerror = () => resolve('failed');
        });
        return [await sent('no-cors', {}), await sent('cors', { Authorization: `Bearer ${secret}` }), await opened];
      },
      [origin, token],
    );
    // The first is sent, and what came back is hidden from the page: that it did nothing is seen below.
    expect(outcomes).toEqual(['0 opaque', 'failed', 'failed']);
    const { answer } = await owner.app.ask('transfers');
    expect(answer.paused_all).toBe(false);
  } finally {
    elsewhere.close();
  }
});

test('a script in the page finds the doors of the window, and no others', async ({ owner, complaints }) => {
  complaints.provoked.push("connect-src 'self'", 'Refused to connect');
  const { page } = owner;
  const tried = await page.evaluate(async () => {
    const invoke = window.__TAURI_INTERNALS__.invoke;
    const outcome = (promise) => promise.then(() => 'allowed', (error) => error.code ?? String(error));
    return {
      view: await outcome(invoke('node_view')),
      emit: await outcome(invoke('plugin:event|emit', { event: 'node-view' })),
      unknown: await outcome(invoke('no_such_command')),
      outside: await outcome(fetch('http://localhost:9/')),
      wrong: await outcome(invoke('file_info', { request: { name: 7 } })),
      frozen: Object.isFrozen(Object.prototype),
    };
  });
  expect(tried).toMatchObject({ view: 'allowed', wrong: 'invalid_request', frozen: true });
  expect(tried.emit).toContain('refuses');
  expect(tried.unknown).toContain('refuses');
  expect(tried.outside).toContain('Failed to fetch');
  // They may come after what was tried has failed, one with the directive and one without.
  await expect.poll(() => complaints.join('\n')).toContain("directive: \"connect-src 'self'\"");
});
