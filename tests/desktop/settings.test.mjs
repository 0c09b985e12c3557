// Settings: kept over a restart, and what the system is told is what it finds.

import assert from "node:assert/strict";
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";

import { onNetwork } from "./network.mjs";
import { ask } from "./page.mjs";
import { fingerprint } from "./tray.mjs";
import { until } from "./webdriver.mjs";

const on = onNetwork(1);

test("settings survive, and autostart is an entry that opens this home without a window", async () => {
  const home = await on.homeOf("a home");
  const entry = join(
    on.place.dir,
    ".config/autostart",
    `Layr-${fingerprint(home.dir)}.desktop`,
  );
  const chosen = {
    close_to_tray: false,
    autostart: true,
    notifications: false,
    theme: "dark",
    zoom_percent: 200,
    single_key_shortcuts: false,
  };
  const width = () => app.session.run("return innerWidth");
  let app = await home.open();
  try {
    await app.session.untilText("Nothing is stored yet");
    const before = await ask(app.session, "settings");
    assert.deepEqual(before, {
      close_to_tray: true,
      autostart: false,
      notifications: true,
      theme: "system",
      zoom_percent: 100,
      single_key_shortcuts: true,
    });
    const wide = await width();
    assert.deepEqual(await ask(app.session, "settings_set", chosen), chosen);
    await until(
      "the page has half as many pixels",
      async () => Math.abs((await width()) - wide / 2) <= 1,
    );
    const text = await readFile(entry, "utf8");
    assert.match(
      text,
      new RegExp(`^Exec=.*layr-desktop --hidden --home "${home.dir}"$`, "mu"),
    );
  } finally {
    await app.close();
  }
  app = await home.open();
  try {
    await app.session.untilText("Nothing is stored yet");
    assert.deepEqual(await ask(app.session, "settings"), chosen);
    await until(
      "the page is as large as it was",
      async () => (await width()) < 700,
    );
    await ask(app.session, "settings_set", { ...chosen, autostart: false });
    await assert.rejects(stat(entry), { code: "ENOENT" });
  } finally {
    await app.close();
  }
});
