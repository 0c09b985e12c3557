// A network for the tests of a file, and homes on it.

import { after, before } from 'node:test';

import { Home, makePlace, startNetwork } from './app.mjs';

/**
 * Starts a network of `hosts` hosts before the tests of the file, then does what `prepare` says. What is returned has
 * its `place` and `network` from then on.
 */
export function onNetwork(hosts, prepare = () => undefined) {
  const ends = [];
  const on = {
    /** Does this after the tests, before what was there earlier is ended. */
    atEnd: (end) => void ends.unshift(end),
    /** A home with an identity of its own, which `home.identity` names; and what the app shall remember of it. */
    async homeOf(name, remembered) {
      const home = new Home(on.place, name);
      home.identity = await home.init(on.network.ready.network_file);
      if (remembered !== undefined) {
        await home.remember(remembered);
      }
      return home;
    },
  };
  before(async () => {
    on.place = await makePlace();
    on.atEnd(() => on.place.remove());
    on.network = await startNetwork(on.place, hosts);
    on.atEnd(() => on.network.stop());
    await prepare(on);
  });
  after(async () => {
    const failed = [];
    for (const end of ends) {
      // What cannot be ended keeps nothing else from its end.
      await Promise.resolve().then(end).catch((error) => failed.push(error));
    }
    if (failed.length > 0) {
      throw new AggregateError(failed, 'not everything could be ended');
    }
  });
  return on;
}
