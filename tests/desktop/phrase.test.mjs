// The recovery phrase on its way to a safe place: clipboard, printer, sealed file.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { promisify } from "node:util";

import { closeByTitle, Home, makePlace, windowTitles } from "./app.mjs";
import { answerFileDialog } from "./fileDialog.mjs";
import { choose, inWindow, pressButton, type } from "./person.mjs";
import { until } from "./webdriver.mjs";

const run = promisify(execFile);
const SEAL = "what seals the words";
/** What seals the keys of a home: `place` has it in a file for the command. */
const PASSPHRASE = "a throw-away identity";
/** The minute for which copied words stay on the clipboard, and half of one for a machine with other work. */
const KEPT_MS = 60_000 + 30_000;
const WORD_LIST = 'ol[aria-label="The 24 words"]';

let place;
let home;
let words;

before(async () => {
  place = await makePlace();
  home = new Home(place, "owner");
  ({ phrase: words } = await home.init("local"));
});

after(() => place?.remove());

/** The text on the clipboard of the desktop; empty where there is none. */
async function clipboard() {
  const paste = ["-selection", "clipboard", "-o"];
  return (await run("xclip", paste, { timeout: 10_000 }).catch(() => ({ stdout: "" }))).stdout;
}

/** The phrase screen, whose words are hidden. */
async function goToPhrase(session) {
  await session.untilText("Nothing is stored yet");
  await session.run("location.hash = '#/phrase'");
  await session.untilText("The words are hidden");
}

async function showWords(session) {
  await pressButton(session, "Show the words");
  await until("24 words are shown", () =>
    session.run("return document.querySelectorAll('ol li').length === 24"),
  );
}

test("the words are on the clipboard after Copy, and nowhere in the page before", async () => {
  await inWindow(home, async (session) => {
    await goToPhrase(session);
    assert.equal(
      await session.run(
        `return document.querySelectorAll('${WORD_LIST}').length`,
      ),
      0,
      "nobody asked for them",
    );
    await showWords(session);
    assert.equal(
      await session.run(
        `return document.querySelectorAll('${WORD_LIST}').length`,
      ),
      1,
    );
    await pressButton(session, "Copy the words");
    await session.untilText("The words are in the clipboard");
    assert.equal(await clipboard(), words.join(" "));
    await until(
      "the words are off the clipboard",
      async () => !(await clipboard()).includes(words[0]),
      KEPT_MS,
    );
    await session.untilText("The words are no longer in the clipboard.");
  });
});

test("Print opens the dialog of the system", async () => {
  await inWindow(home, async (session) => {
    await goToPhrase(session);
    await showWords(session);
    await pressButton(session, "Print…");
    await until("the print dialog is open", async () =>
      (await windowTitles()).includes("Print"),
    );
    await closeByTitle("Print");
    await until(
      "the print dialog is gone",
      async () => !(await windowTitles()).includes("Print"),
    );
  });
});

test("a sealed file brings the identity back in another home", async () => {
  const file = join(place.dir, "words.layrkey");
  const owner = await inWindow(home, async (session) => {
    await goToPhrase(session);
    await showWords(session);
    await pressButton(session, "Save sealed…");
    await type(session, "input[type=password]", SEAL);
    await pressButton(session, "Choose where to save…");
    await answerFileDialog(
      "Choose where to write the sealed recovery phrase",
      file,
    );
    await session.untilText(`Saved to ${file}`);
    return (await home.layr("status")).owner;
  });
  const other = new Home(place, "other");
  await inWindow(other, async (session) => {
    await session.untilText("Welcome to Layr");
    await choose(session, "Restore an identity");
    await session.untilText("Which network?");
    await choose(session, "Try it out on this computer");
    await choose(session, "A sealed file");
    await pressButton(session, "Choose the sealed file…");
    await answerFileDialog("Choose the sealed recovery phrase", file);
    await session.untilText("A sealed file is chosen.");
    await type(session, "input[type=password]", SEAL);
    await pressButton(session, "See what comes back");
    await session.untilText("What will come back");
    await session.untilText(owner);
    await pressButton(session, "Restore");
    // No keyring can be unlocked here: the app asks for a passphrase instead.
    await session.untilText("Choose a passphrase");
    await type(
      session,
      '[aria-label="The keyring could not be used"] input[type=password]',
      PASSPHRASE,
    );
    await pressButton(session, "Restore");
    await session.untilText("These words are in use now");
    assert.equal((await other.layr("status")).owner, owner);
  });
});
