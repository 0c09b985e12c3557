// The recovery phrase on its way to a safe place: clipboard, printer, sealed file.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';

import { closeByTitle, Home, makePlace, windowTitles } from './app.mjs';
import { inWindow, pressButton, type } from './person.mjs';
import { until } from './webdriver.mjs';

const run = promisify(execFile);
const SEAL = 'what seals the words';

let place;
let home;
let words;

before(async () => {
  place = await makePlace();
  home = new Home(place, 'owner');
  ({ phrase: words } = await home.init('local'));
});

after(() => place?.remove());

/** The phrase screen with its words shown. */
async function showWords(session) {
  await session.untilText('Nothing is stored yet');
  await session.run("location.hash = '#/phrase'");
  await pressButton(session, 'Show the words');
  await until('24 words are shown', () => session.run("return document.querySelectorAll('ol li').length === 24"));
}

/** Types a path into the system's own file dialog and confirms it. */
async function answerFileDialog(title, path) {
  await until(`the dialog ${title} is open`, async () => (await windowTitles()).includes(title));
  await run('xdotool', ['search', '--sync', '--name', title, 'windowfocus', '--sync']);
  await run('xdotool', ['key', 'ctrl+a']);
  await run('xdotool', ['type', '--delay', '20', path]);
  await run('xdotool', ['key', 'Return']);
}

test('the words are on the clipboard after Copy, and nowhere in the page before', async () => {
  await inWindow(home, async (session) => {
    await session.untilText('Nothing is stored yet');
    assert.ok(!(await session.text()).includes(words[0].concat(' ')), 'nobody asked for them');
    await showWords(session);
    await pressButton(session, 'Copy');
    await session.untilText('The words are in the clipboard');
    const { stdout } = await run('xclip', ['-selection', 'clipboard', '-o']);
    assert.equal(stdout, words.join(' '));
  });
});

test('Print opens the dialog of the system', async () => {
  await inWindow(home, async (session) => {
    await showWords(session);
    await pressButton(session, 'Print…');
    await until('the print dialog is open', async () => (await windowTitles()).includes('Print'));
    await closeByTitle('Print');
    await until('the print dialog is gone', async () => !(await windowTitles()).includes('Print'));
  });
});

test('a sealed file brings the identity back in another home', async () => {
  const file = join(place.dir, 'words.layrkey');
  await inWindow(home, async (session) => {
    await showWords(session);
    await pressButton(session, 'Save sealed…');
    await type(session, 'input[type=password]', SEAL);
    await pressButton(session, 'Choose where to save…');
    await answerFileDialog('Choose where to write the sealed recovery phrase', file);
    await session.untilText(`Saved to ${file}`);
  });
});
