// A session bus of a test's own, with a real notification daemon on it, and a stand-in for a file manager.

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

import { launch } from './app.mjs';
import { until } from './webdriver.mjs';

const run = promisify(execFile);

/** Starts a bus; `environment` leads programs to it, `stop()` ends it and what was started on it. */
export async function startBus(place) {
  const started = [];
  const start = (path, args, environment) => {
    const program = launch(path, args, environment);
    started.push(program);
    return program;
  };
  const daemon = start('dbus-daemon', ['--session', '--nofork', '--print-address=1'], place.environment);
  await until('the bus has an address', () => daemon.output.includes('\n'));
  const environment = { ...place.environment, DBUS_SESSION_BUS_ADDRESS: daemon.output.trim() };
  return {
    environment,
    start: (path, ...args) => start(path, args, environment),
    run: (path, ...args) => run(path, args, { env: environment }).then(({ stdout }) => stdout),
    async stop() {
      for (const program of started.reverse()) {
        await program.stop();
      }
    },
  };
}

async function untilOwned(bus, name) {
  const bare = ['--session', '--print-reply', '--dest=org.freedesktop.DBus', '/org/freedesktop/DBus'];
  const ask = [...bare, 'org.freedesktop.DBus.NameHasOwner', `string:${name}`];
  await until(`${name} is on the bus`, async () => (await bus.run('dbus-send', ...ask)).includes('true'));
}

/** dunst, as a desktop runs it. */
export class Notifications {
  static async start(bus) {
    bus.start('dunst', '-verbosity', 'crit');
    await untilOwned(bus, 'org.freedesktop.Notifications');
    const seen = bus.start('dbus-monitor', "interface='org.freedesktop.Notifications',member='Notify'");
    await until('the bus is watched', () => seen.output.includes('NameLost'));
    return new Notifications(bus, seen);
  }

  constructor(bus, seen) {
    this.bus = bus;
    this.seen = seen;
  }

  /** How many were shown since the bus was started. */
  count() {
    return this.seen.output.split('member=Notify').length - 1;
  }

  /** Everything that was said in them. */
  text() {
    return this.seen.output;
  }

  /** Clicks the one on top. */
  click() {
    return this.bus.run('dunstctl', 'action');
  }
}

/** Answers to everything and shows nothing; remembers what it was asked. */
export class FakeFileManager {
  static async start(bus) {
    bus.start('dbus-test-tool', 'echo', '--session', '--name=org.freedesktop.FileManager1');
    await untilOwned(bus, 'org.freedesktop.FileManager1');
    const asked = bus.start('dbus-monitor', "interface='org.freedesktop.FileManager1'");
    await until('the bus is watched', () => asked.output.includes('NameLost'));
    return new FakeFileManager(asked);
  }

  constructor(asked) {
    this.asked = asked;
  }

  /** The addresses of files that it was asked to show. */
  shown() {
    return [...this.asked.output.matchAll(/string "(file:[^"]*)"/gu)].map(([, address]) => address);
  }
}
