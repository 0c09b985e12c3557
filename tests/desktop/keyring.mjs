// A session bus of the test's own with a real gnome-keyring on it, unlocked, locked or absent.

import { execFile, spawn } from 'node:child_process';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { until } from './webdriver.mjs';

const run = promisify(execFile);

/** How the bus starts the keyring when somebody first calls it; the call is held until the keyring is there. */
export const KEYRINGS = {
  unlocked: "sh -c 'printf secret | exec gnome-keyring-daemon --unlock --foreground --components=secrets'",
  /** As after a login without the password: the keyring asks for it in a window. */
  locked: 'gnome-keyring-daemon --start --foreground --components=secrets',
  absent: undefined,
};
/** How long a question may take to go before its key is pressed again. */
const PRESS_AGAIN_MS = 5000;
/** Shows the keyring's question, as a desktop does. */
const PROMPTER = '/usr/libexec/gcr-prompter';

/** Starts a bus whose keyring is one of `KEYRINGS`; `environment` leads to it, `stop()` ends both. */
export async function startBus(place, keyring) {
  // A keyring of its own: the one of an earlier bus may still be ending, and would be found in the place's directory.
  const dir = await mkdtemp(join(place.dir, `bus-${keyring}-`));
  await serve(dir, 'org.freedesktop.secrets', KEYRINGS[keyring]);
  await serve(dir, 'org.gnome.keyring.SystemPrompter', PROMPTER);
  await writeFile(join(dir, 'bus.conf'), `<busconfig><type>session</type><listen>unix:dir=${dir}</listen>
    <servicedir>${dir}</servicedir><policy context="default"><allow send_destination="*"/><allow eavesdrop="true"/>
    <allow own="*"/></policy></busconfig>`);
  const daemon = spawn('dbus-daemon', [`--config-file=${join(dir, 'bus.conf')}`, '--nofork', '--print-address'], {
    env: { ...place.environment, XDG_RUNTIME_DIR: dir },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  process.once('exit', () => daemon.kill('SIGKILL'));
  const gone = new Promise((resolve) => daemon.once('exit', resolve));
  let address = '';
  daemon.stdout.on('data', (bytes) => (address += bytes));
  await until('the bus is there', () => address.includes('\n'));
  const environment = { DBUS_SESSION_BUS_ADDRESS: address.trim() };
  const secretTool = (action, homeId) =>
    run('secret-tool', [action, 'service', 'layr', 'username', homeId], { env: { ...place.environment, ...environment } });
  return {
    environment,
    /** What lies in the keyring for this home id; empty where there is nothing. */
    async entry(homeId) {
      const found = await secretTool('lookup', homeId).catch(() => ({ stdout: '' }));
      return found.stdout;
    },
    /** Removes what lies there, as a person does who tidies a keyring up. */
    async forget(homeId) {
      await secretTool('clear', homeId);
    },
    async stop() {
      daemon.kill('SIGTERM');
      await gone;
      // The next bus's would be taken for it.
      await until('no question is left', async () => !(await hasQuestion()));
    },
  };
}

async function serve(dir, name, command) {
  if (command !== undefined) {
    await writeFile(join(dir, `${name}.service`), `[D-BUS Service]\nName=${name}\nExec=/usr/bin/env ${command}\n`);
  }
}

/** Waits for the keyring's question and closes it without an answer, as a person does who does not know it. */
export async function dismissQuestion() {
  await untilAsked();
  await until('the question is gone', async () => {
    if (!(await hasQuestion())) {
      return true;
    }
    // One that is only just there does not hear the key yet: then a person presses again.
    await run('xdotool', ['key', 'Escape']);
    return until('it goes', async () => !(await hasQuestion()), PRESS_AGAIN_MS).then(() => true, () => false);
  });
}

/** Waits for the keyring's question. */
export function untilAsked() {
  return until('the keyring asks', () => hasQuestion());
}

async function hasQuestion() {
  const { stdout } = await run('wmctrl', ['-l', '-x']).catch(() => ({ stdout: '' }));
  return /gcr-prompter/iu.test(stdout);
}
