// The tray as a desktop sees it: a real panel that shows status notifier items, and the app's menu over D-Bus.

import { execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

import { until } from './webdriver.mjs';

const run = promisify(execFile);

const WATCHER = ['org.kde.StatusNotifierWatcher', '/StatusNotifierWatcher'];
const XFCONFD = '/usr/lib/x86_64-linux-gnu/xfce4/xfconf/xfconfd';
const PANEL = `<?xml version="1.0" encoding="UTF-8"?>
<channel name="xfce4-panel" version="1.0">
  <property name="configver" type="int" value="2"/>
  <property name="panels" type="array">
    <value type="int" value="1"/>
    <property name="panel-1" type="empty">
      <property name="position" type="string" value="p=6;x=0;y=0"/>
      <property name="position-locked" type="bool" value="true"/>
      <property name="length" type="uint" value="100"/>
      <property name="size" type="uint" value="30"/>
      <property name="plugin-ids" type="array"><value type="int" value="1"/></property>
    </property>
  </property>
  <property name="plugins" type="empty">
    <property name="plugin-1" type="string" value="systray"/>
  </property>
</channel>
`;

/** Starts a panel with a place for status notifier items; `stop()` ends it. */
export async function startPanel(place) {
  const config = join(place.dir, 'panel');
  await mkdir(join(config, 'xfce4/xfconf/xfce-perchannel-xml'), { recursive: true });
  await writeFile(join(config, 'xfce4/xfconf/xfce-perchannel-xml/xfce4-panel.xml'), PANEL);
  const env = { ...place.environment, XDG_CONFIG_HOME: config };
  const started = [];
  const start = (program, args = []) => {
    const child = spawn(program, args, { env, stdio: 'ignore' });
    process.once('exit', () => child.kill('SIGKILL'));
    started.push({ child, gone: new Promise((resolve) => child.once('exit', resolve)) });
  };
  // Started by hand, as the bus would start it on the configuration of whoever runs the tests.
  start(XFCONFD);
  await until('the panel has its settings', () => isOnBus('org.xfce.Xfconf'));
  start('xfce4-panel', ['--disable-wm-check']);
  await until('there is a tray', () => isOnBus(WATCHER[0]));
  return {
    async stop() {
      for (const { child, gone } of started.reverse()) {
        child.kill('SIGTERM');
        await gone;
      }
    },
  };
}

/** The app's icon in the tray. */
export class TrayItem {
  /** Waits for the icon of the app that runs in `home`. */
  static async of(home) {
    const id = `layr-${fingerprint(home.dir)}`;
    let found;
    await until('the icon is in the tray', async () => {
      for (const item of await items()) {
        const [service, path] = item;
        const itsId = await property(service, path, 'org.kde.StatusNotifierItem', 'Id').catch(() => '');
        if (itsId.includes(id)) {
          found = item;
        }
      }
      return found !== undefined;
    });
    return new TrayItem(...found);
  }

  constructor(service, path) {
    this.service = service;
    this.path = path;
  }

  /** Entries in order, those of submenus after their parent: `{ id, label, enabled }`; separators have no label. */
  async menu() {
    const text = await property(this.service, this.path, 'org.kde.StatusNotifierItem', 'Menu');
    this.menuPath = /'([^']+)'/u.exec(text)[1];
    const layout = await call(this.service, this.menuPath, 'com.canonical.dbusmenu.GetLayout', '0', '-1', '[]');
    return [...layout.matchAll(/\((\d+), \{([^}]*)\}/gu)].slice(1).map(([, id, properties]) => ({
      id: Number(id),
      label: /'label': <'((?:[^'\\]|\\.)*)'>/u.exec(properties)?.[1].replaceAll('__', '_'),
      enabled: !properties.includes("'enabled': <false>"),
    }));
  }

  /** The texts of the menu. */
  async labels() {
    return (await this.menu()).map(({ label }) => label).filter((label) => label !== undefined);
  }

  /** Waits until an entry has this text. */
  async untilLabel(wanted) {
    let labels = [];
    await until(`the menu says ${wanted}`, async () => (labels = await this.labels().catch(() => [])).includes(wanted)).catch((error) => {
      throw new Error(`${error.message}; it says ${labels.join(' | ')}`);
    });
  }

  /** Waits until the icon is the picture of this state, of which `icons/tray` has a file. */
  async untilPicture(state) {
    const wanted = await pixels(join(import.meta.dirname, '../../icons/tray', `${state}-22.png`));
    await until(`the icon says ${state}`, async () => (await this.picture()) === wanted);
  }

  /** A digest of what the icon shows; undefined at the moment of a change. */
  async picture() {
    const ask = async (name) => /<'([^']*)'>/u.exec(await property(this.service, this.path, 'org.kde.StatusNotifierItem', name))?.[1];
    // Every change has a file of its own, with another name.
    const file = resolve((await ask('IconThemePath')) ?? '', `${await ask('IconName')}`);
    return pixels(file.endsWith('.png') ? file : `${file}.png`).catch(() => undefined);
  }

  /** Waits until the entry with this text can be chosen, as most cannot without a node. */
  async untilEnabled(label) {
    await until(`${label} can be chosen`, async () => (await this.enabled(label)) !== undefined);
  }

  /** Chooses the entry with this text, as a click does, as soon as it can be chosen. */
  async choose(label) {
    await until(`${label} is chosen`, async () => {
      const entry = await this.enabled(label);
      if (entry === undefined) {
        return false;
      }
      const event = ['com.canonical.dbusmenu.Event', String(entry.id), 'clicked', "<'0'>", '0'];
      // A menu that was made anew since it was read has other numbers: then a person clicks again.
      return call(this.service, this.menuPath, ...event).then(() => true, () => false);
    });
  }

  async enabled(label) {
    const entries = await this.menu().catch(() => []);
    return entries.find((entry) => entry.label === label && entry.enabled);
  }
}

/** A digest of the colours in a picture, however its file is written. */
async function pixels(file) {
  const { stdout } = await run('convert', [file, '-depth', '8', 'rgba:-'], { encoding: 'buffer' });
  return createHash('sha256').update(stdout).digest('hex');
}

/** How the app tells homes apart where a path cannot be written. */
export function fingerprint(dir) {
  return createHash('sha256').update(dir).digest('hex').slice(0, 16);
}

/** Bus name and object path of every item. */
async function items() {
  const text = await property(...WATCHER, 'org.kde.StatusNotifierWatcher', 'RegisteredStatusNotifierItems');
  return [...text.matchAll(/'([^'/]+)(\/[^']*)'/gu)].map(([, service, path]) => [service, path]);
}

function isOnBus(name) {
  const asked = call('org.freedesktop.DBus', '/org/freedesktop/DBus', 'org.freedesktop.DBus.NameHasOwner', name);
  return asked.then((text) => text.includes('true'));
}

function property(service, path, where, name) {
  return call(service, path, 'org.freedesktop.DBus.Properties.Get', where, name);
}

/** What a call over the session bus answers, in GVariant's text form. */
async function call(service, path, method, ...args) {
  const head = ['call', '--session', '--dest', service, '--object-path', path, '--method', method];
  const { stdout } = await run('gdbus', [...head, '--', ...args]);
  return stdout;
}
