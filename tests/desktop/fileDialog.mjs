// The system's own file dialog, answered as a person does.

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

import { windowTitles } from './app.mjs';
import { until } from './webdriver.mjs';

const run = promisify(execFile);

/** Longest wait for a dialog to close before the path is typed again. */
const CLOSES_MS = 20_000;

/** Types a path into the dialog whose title begins so, and confirms it. */
export async function answerFileDialog(title, path) {
  const isOpen = async () => (await windowTitles()).some((open) => open.startsWith(title));
  await until(`the dialog ${title} is open`, isOpen);
  await until('the dialog is answered', async () => {
    // It may have closed late, and then the keys would go to the window behind it.
    if (!(await isOpen())) {
      return true;
    }
    // What is typed before the dialog has filled its list may be lost: then a person types it again.
    await run('xdotool', ['search', '--name', `^${title}`, 'windowfocus', '--sync']).catch(() => undefined);
    await run('xdotool', ['key', 'ctrl+l', 'key', 'ctrl+a']);
    await run('xdotool', ['type', '--delay', '20', path]);
    await run('xdotool', ['key', 'Return']);
    return until('the dialog is gone', async () => !(await isOpen()), CLOSES_MS).then(() => true, () => false);
  });
}
