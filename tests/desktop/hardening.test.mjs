// A page that turned hostile: what it tries must come to nothing.

import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, before, test } from 'node:test';

import { Home, makePlace, windowTitles } from './app.mjs';
import { ask } from './page.mjs';

let place;
let app;
let outside;

before(async () => {
  outside = await startOutsideServer();
  place = await makePlace();
  app = await new Home(place, 'empty').open();
  await app.session.untilText('Welcome to Layr');
});

after(async () => {
  await app?.close();
  await place?.remove();
  outside?.server.close();
});

/** A server that counts who comes: nobody may. */
function startOutsideServer() {
  const outside = { requests: [] };
  outside.server = createServer((request, response) => {
    outside.requests.push(request.url);
    response.setHeader('Access-Control-Allow-Origin', '*');
    response.end('<title>outside</title>outside');
  });
  return new Promise((resolve) => {
    outside.server.listen(0, '127.0.0.1', () => {
      outside.url = `http://127.0.0.1:${outside.server.address().port}`;
      resolve(outside);
    });
  });
}

/**
 * Runs `attempt` in the page and returns the directive that it violated; the driver gives up waiting if there is none.
 * A granted call is answered in between: a request that got out would have arrived by then.
 */
function violation(directive, attempt) {
  const script = `
    const [url, directive, done] = arguments;
    document.addEventListener('securitypolicyviolation', function heard({ effectiveDirective }) {
      // Engines name the sub-directive or the directive that it falls back to.
      if (directive.startsWith(effectiveDirective)) {
        document.removeEventListener('securitypolicyviolation', heard);
        window.__TAURI_INTERNALS__.invoke('node_view').then(() => done(effectiveDirective), () => done('no answer'));
      }
    });
    const attempt = async (url) => { ${attempt} };
    attempt(url).catch(() => undefined);
  `;
  return app.session.runAsync(script, outside.url, directive);
}

const ATTEMPTS = [
  ['connect-src', 'fetch from outside', 'await fetch(url);'],
  ['connect-src', 'open a socket', "new WebSocket(url.replace('http', 'ws'));"],
  ['img-src', 'load a picture from outside', "const image = new Image(); image.src = url + '/a.png'; document.body.append(image);"],
  ['script-src-elem', 'run an inline script', "const script = document.createElement('script'); script.textContent = 'window.smuggled = true'; document.body.append(script);"],
  ['script-src-elem', 'load a script from outside', "const script = document.createElement('script'); script.src = url + '/a.js'; document.body.append(script);"],
  ['script-src-attr', 'run an inline handler', `document.body.insertAdjacentHTML('beforeend', '<button id="trap" onclick="window.smuggled = true">x</button>'); document.getElementById('trap').click(); document.getElementById('trap').remove();`],
  ['style-src-elem', 'load a style sheet from outside', "const link = document.createElement('link'); link.rel = 'stylesheet'; link.href = url + '/a.css'; document.head.append(link);"],
  ['frame-src', 'frame a page from outside', "const frame = document.createElement('iframe'); frame.src = url; document.body.append(frame);"],
];

for (const [directive, what, attempt] of ATTEMPTS) {
  test(`the policy stops the page that tries to ${what}`, async () => {
    assert.notEqual(await violation(directive, attempt), 'no answer');
    assert.notEqual(await app.session.run('return window.smuggled'), true);
    assert.deepEqual(outside.requests, []);
  });
}

test('eval is refused', async () => {
  const outcome = await app.session.run(`
    try { return (0, eval)('1 + 1') } catch (error) { return error.name }`);
  assert.equal(outcome, 'EvalError');
});

test('the window stays on the page of the app', async () => {
  const before = await app.session.run('return location.href');
  await app.session.run('window.location.href = arguments[0]', outside.url);
  await app.session.run('const form = document.createElement("form"); form.action = arguments[0]; document.body.append(form); form.submit()', outside.url);
  await app.session.run('const link = document.createElement("a"); link.href = arguments[0]; document.body.append(link); link.click(); link.remove()', outside.url);
  assert.equal(await app.session.run('return window.open(arguments[0])', outside.url), null);
  await app.session.untilText('Welcome to Layr');
  assert.equal(await app.session.run('return location.href'), before);
  assert.deepEqual(outside.requests, []);
});

/**
 * Calls the shell past the page's own code; resolves to `allowed`, `refused` or `silent` once a granted call that was
 * made after it is answered.
 */
function invoke(command, args) {
  const script = `
    const [command, args, done] = arguments;
    const { invoke } = window.__TAURI_INTERNALS__;
    let outcome = 'silent';
    invoke(command, args).then(() => (outcome = 'allowed'), () => (outcome = 'refused'));
    invoke('node_view').then(() => done(outcome), () => done('no answer'));
  `;
  return app.session.runAsync(script, command, args);
}

test('the granted commands answer', async () => {
  assert.equal((await ask(app.session, 'node_view')).phase, 'no_identity');
});

const DENIED = [
  ['plugin:window|set_title', { label: 'main', value: 'Not Layr' }],
  ['plugin:webview|create_webview_window', { options: { label: 'other', url: 'index.html' } }],
  ['plugin:event|emit', { event: 'node-view', payload: { phase: 'starting' } }],
  ['plugin:path|resolve_directory', { directory: 21 }],
  ['plugin:app|version', {}],
  ['no_such_command', {}],
];

for (const [command, args] of DENIED) {
  test(`the page may not call ${command}`, async () => {
    const windows = await windowTitles();
    assert.match(await invoke(command, args), /^(?:refused|silent)$/u);
    // An answer can be late, but not what the call would have done: it was given before the one that is answered.
    await ask(app.session, 'node_view');
    assert.deepEqual(await windowTitles(), windows);
    assert.match(await app.session.text(), /Welcome to Layr/u);
  });
}

test('the page hears what the shell tells it, and not what the window toolkit says of paths', async () => {
  const request = (event) => ({ event, target: { kind: 'Any' }, handler: 1 });
  const heard = await app.session.runAsync(`
    const [wanted, done] = arguments;
    window.__TAURI_INTERNALS__.invoke('plugin:event|listen', wanted).then(() => done('allowed'), () => done('refused'));`,
  request('node-view'));
  assert.equal(heard, 'allowed');
  const listen = (event) => invoke('plugin:event|listen', request(event));
  for (const event of ['tauri://drag-enter', 'tauri://drag-over', 'tauri://drag-drop']) {
    assert.match(await listen(event), /^(?:refused|silent)$/u, event);
  }
});

test('built-in prototypes are frozen', async () => {
  assert.equal(await app.session.run('return Object.isFrozen(Object.prototype)'), true);
});

test('the isolation frame is out of sight and out of reach', async () => {
  const [hidden, reachable] = await app.session.run(`
    const frame = document.getElementById('__tauri_isolation__');
    let reachable = true;
    try { void frame.contentWindow.document } catch { reachable = false }
    return [getComputedStyle(frame).display, frame.contentDocument !== null && reachable]`);
  assert.equal(hidden, 'none');
  assert.equal(reachable, false);
});
