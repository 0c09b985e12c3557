// The app behind the bridge, and what a person's hands would do with it.

import { execFile } from 'node:child_process';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { Home, launch, program } from '../desktop/app.mjs';
import { until } from '../desktop/webdriver.mjs';

/** Where the homes of one test lie. There is no keyring and no passphrase file: people type. */
export async function makePlace() {
  const dir = await mkdtemp(join(tmpdir(), 'layr-browser-'));
  const environment = {
    ...process.env,
    HOME: dir,
    XDG_RUNTIME_DIR: dir,
    XDG_CONFIG_HOME: join(dir, 'config'),
    XDG_DATA_HOME: join(dir, 'data'),
    DBUS_SESSION_BUS_ADDRESS: `unix:path=${join(dir, 'no-bus')}`,
  };
  // Node's own removal could not open what a test puts deeper than a path may be long.
  return { dir, environment, remove: () => promisify(execFile)('rm', ['-rf', dir]) };
}

/** The app of one home, with its page at `url`. */
export class App {
  /** Starts it and waits until it serves. */
  static async start(place, name) {
    const home = new Home(place, name);
    const process = launch(program('LAYR_BRIDGE_BIN'), ['--home', home.dir], place.environment);
    await until('the bridge serves', () => process.output.includes('\n') || process.ended());
    if (process.ended()) {
      throw new Error('the app ended before it served');
    }
    return new App(home, process, JSON.parse(process.output).url);
  }

  constructor(home, process, url) {
    Object.assign(this, { home, process, url });
    const { origin, searchParams } = new URL(url);
    this.origin = origin;
    this.token = searchParams.get('token');
  }

  /** Ends it as a signal does. */
  async stop() {
    if (!this.process.ended()) {
      await this.process.stop();
    }
  }

  /** Ends it as a power cut does. */
  kill() {
    return this.process.kill();
  }

  /** Sends a document to an address of the bridge. */
  post(path, document, headers = { Authorization: `Bearer ${this.token}` }) {
    const body = typeof document === 'string' ? document : JSON.stringify(document);
    return fetch(`${this.origin}${path}`, { method: 'POST', headers, body });
  }

  /** What the shell answers to a command: status and document. */
  async ask(command, request, headers) {
    const args = request === undefined ? {} : { request };
    const response = await this.post('/ask', { command, arguments: args }, headers);
    return { status: response.status, answer: await response.json() };
  }

  /** The person will answer the next file dialog with these paths. */
  async willChoose(...paths) {
    await this.hand('/hand/dialog', { paths });
  }

  /** The person drags files over the window and lets them go. */
  async drop(...paths) {
    await this.hand('/hand/drag', { phase: 'enter', paths });
    await this.hand('/hand/drag', { phase: 'drop', paths });
  }

  async hand(path, document) {
    const response = await this.post(path, document);
    if (!response.ok) {
      throw new Error(`${path}: ${response.status} ${await response.text()}`);
    }
  }
}
