// What every test starts with: a place for homes, apps that end with the test, and a page that is watched.

import { expect, test as base } from '@playwright/test';

import { makePlace as makeNetworkPlace, startNetwork } from '../desktop/app.mjs';
import { App, makePlace } from './app.mjs';
import { Shell } from './pages/shell.mjs';
import { Welcome } from './pages/welcome.mjs';

/** Enough for two of six. */
const HOSTS = 6;
export const PASSPHRASE = 'a throw-away identity';

export const test = base.extend({
  /** A network that tests share and leave as they found it. */
  network: [
    async ({}, use) => {
      const place = await makeNetworkPlace();
      const network = await startNetwork(place, HOSTS);
      await use(network.ready);
      await network.stop();
      await place.remove();
    },
    { scope: 'worker', timeout: 600_000 },
  ],

  place: async ({}, use) => {
    const place = await makePlace();
    await use(place);
    await place.remove();
  },

  /** Starts the app of a home of that name. */
  start: async ({ place }, use) => {
    const apps = [];
    await use(async (name) => {
      const app = await App.start(place, name);
      apps.push(app);
      return app;
    });
    await Promise.all(apps.map((app) => app.stop()));
  },

  /** What the page complained of. A test that provokes some says so beforehand: they may come after its last step. */
  complaints: async ({}, use) => {
    const complaints = Object.assign([], { provoked: [] });
    await use(complaints);
    const isProvoked = (text) => complaints.provoked.some((words) => text.includes(words));
    expect(complaints.filter((text) => !isProvoked(text))).toEqual([]);
  },

  /** A page that breaks no policy and throws nothing that nobody catches. */
  page: async ({ page, complaints }, use) => {
    page.on('pageerror', (error) => complaints.push(String(error)));
    page.on('console', (message) => {
      if (/Content Security Policy/u.test(message.text())) {
        complaints.push(message.text());
      }
    });
    await use(page);
  },

  /** The app of a new home with an identity on the shared network, open in the page. */
  owner: async ({ start, page, network }, use) => {
    const app = await start('owner');
    await page.goto(app.url);
    await new Welcome(page, app).create(network.network_file, PASSPHRASE);
    const shell = new Shell(page);
    await shell.untilConnected();
    await use({ app, page, shell });
  },
});

export { expect };
