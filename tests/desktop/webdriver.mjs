// A small WebDriver client: what the window tests need of W3C WebDriver, spoken to WebKitWebDriver directly.

import { spawn } from 'node:child_process';
import { createServer } from 'node:net';

// Generous on purpose: the machines that run this share their cores, and a session starts a browser and a node.
const SESSION_MS = 90_000;
const COMMAND_MS = 60_000;
/** Of a script in the page; less than the command that carries it. */
const SCRIPT_MS = 55_000;
const WAIT_MS = 180_000;
const POLL_MS = 100;
const END_MS = 20_000;

/** Starts WebKitWebDriver on a free port; `stop()` ends it. */
export async function startDriver(environment) {
  const port = await freePort();
  const child = spawn('WebKitWebDriver', [`--port=${port}`, '--host=127.0.0.1'], {
    env: { ...environment, TAURI_WEBVIEW_AUTOMATION: 'true' },
    stdio: ['ignore', 'ignore', 'inherit'],
    // A process group of its own, so that an app which hangs can be ended with its driver.
    detached: true,
  });
  const gone = new Promise((resolve) => child.once('exit', resolve));
  const killGroup = () => {
    try {
      process.kill(-child.pid, 'SIGKILL');
    } catch {
      // Nobody was left.
    }
  };
  // A test that failed leaves them; the next test would meet them.
  process.once('exit', killGroup);
  const base = `http://127.0.0.1:${port}`;
  await until('WebKitWebDriver answers', async () => (await fetch(`${base}/status`).catch(() => null))?.ok);
  return {
    base,
    async stop() {
      child.kill('SIGTERM');
      await gone;
      killGroup();
      process.off('exit', killGroup);
    },
  };
}

/** One automated run of the app. */
export class Session {
  /** Starts the app `binary` with `args` under the driver at `base`. */
  static async start(base, binary, args = []) {
    const options = { timeouts: { script: SCRIPT_MS }, 'webkitgtk:browserOptions': { binary, args } };
    const capabilities = { alwaysMatch: options };
    // One repeat: on an overloaded machine the first connection of driver and app may time out.
    for (let attempt = 1; ; attempt += 1) {
      try {
        const { sessionId } = await call('POST', `${base}/session`, { capabilities }, SESSION_MS);
        return new Session(`${base}/session/${sessionId}`);
      } catch (error) {
        if (attempt === 2) {
          throw error;
        }
      }
    }
  }

  constructor(url) {
    this.url = url;
  }

  /** Runs the body of a function in the page and returns its value. */
  run(script, ...args) {
    return call('POST', `${this.url}/execute/sync`, { script, args });
  }

  /** As `run`, for a body that calls its last argument when it is done. */
  runAsync(script, ...args) {
    return call('POST', `${this.url}/execute/async`, { script, args });
  }

  /** Everything that a person reads in the window. */
  text() {
    // Names within sentences are set apart from them by marks that nobody sees.
    return this.run('return document.body.innerText.replace(/[\\u2068\\u2069]/gu, "")');
  }

  /** Waits until the page's text contains `wanted`. */
  async untilText(wanted) {
    let text = '';
    await until(`the page says ${JSON.stringify(wanted)}`, async () => (text = await this.text()).includes(wanted)).catch(
      (error) => {
        throw new Error(`${error.message}; it says:\n${text}`);
      },
    );
    return text;
  }

  /** Clicks the first element that matches the CSS selector, as a mouse would. */
  async click(selector) {
    const found = await call('POST', `${this.url}/element`, { using: 'css selector', value: selector });
    await call('POST', `${this.url}/element/${Object.values(found)[0]}/click`, {});
  }

  /** Presses one key on the focused element; special keys by their WebDriver code point. */
  press(key) {
    const actions = [{ type: 'keyDown', value: key }, { type: 'keyUp', value: key }];
    return call('POST', `${this.url}/actions`, { actions: [{ type: 'key', id: 'keyboard', actions }] });
  }

  /** Waits until the page has drawn what it has. */
  settled() {
    return this.runAsync('const done = arguments[arguments.length - 1]; requestAnimationFrame(() => requestAnimationFrame(() => done(null)))');
  }

  async resize(width, height) {
    await call('POST', `${this.url}/window/rect`, { width, height });
  }

  /** Ends the session and the app, however they stand. */
  async end() {
    await call('DELETE', this.url, undefined, END_MS).catch(() => undefined);
  }
}

/** Polls `condition` until it holds, for at most three minutes unless told otherwise. */
export async function until(what, condition, timeoutMs = WAIT_MS) {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    if (await condition()) {
      return;
    }
    if (Date.now() > deadline) {
      throw new Error(`waited ${timeoutMs / 1000} s in vain until ${what}`);
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

/** A port that nobody listens on right now. */
export function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

async function call(method, url, body, timeoutMs = COMMAND_MS) {
  const response = await fetch(url, {
    method,
    body: body === undefined ? undefined : JSON.stringify(body),
    signal: AbortSignal.timeout(timeoutMs),
  });
  const { value } = await response.json();
  if (!response.ok) {
    throw new Error(`WebDriver: ${value.error}: ${value.message}`);
  }
  return value;
}
