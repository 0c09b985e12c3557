import { describe, expect, it } from 'vitest';

import isolation from '../../isolation/isolation.js?raw';
import page from '../../index.html?raw';
import { shellForTests } from '../testing/shellForTests';
import type { ShellEvents } from './bindings';
import { client } from './client';
import { thrownText, toUiError } from './errors';

const shell = shellForTests();

/** The strings of a list in the isolation frame. */
function listed(name: string): string[] {
  const [, list = ''] = new RegExp(`const ${name} = new Set\\(\\[([^\\]]*)\\]`, 'u').exec(isolation) ?? [];
  return [...list.matchAll(/'([^']+)'/gu)].map(([, word]) => word ?? '');
}

/** Calls every function of the client once; what it asks for matters, not what comes back. */
async function askEverything(): Promise<string[]> {
  const everything: Record<string, (request: never) => Promise<unknown>> = client;
  const request = { sort: 'name', offset: 0, limit: 1, names: [], name: 'a' };
  await Promise.all(Object.values(everything).map((ask) => ask(request as never)));
  return shell.asked.map(({ command }) => command);
}

describe('the client', () => {
  it('asks through the isolation frame for what that lets pass, and for nothing else', async () => {
    const passed = listed('PASSED_COMMANDS');
    const commands = passed.filter((name) => !name.startsWith('plugin:'));
    expect(new Set(await askEverything())).toEqual(new Set(commands));
    expect(passed.filter((name) => name.startsWith('plugin:'))).toEqual([
      'plugin:event|listen',
      'plugin:event|unlisten',
    ]);
  });

  it('hears of nothing but what the shell tells: the events of the window toolkit name paths', () => {
    const events: Record<keyof ShellEvents, true> = {
      'node-view': true,
      transfers: true,
      'library-changed': true,
      'activity-changed': true,
      'shell-state-changed': true,
      drop: true,
      refused: true,
      opened: true,
      'close-asked': true,
      navigate: true,
    };
    expect(listed('PASSED_EVENTS')).toEqual(Object.keys(events));
  });

  it('sends at most one argument, the request', async () => {
    await client.nodeView();
    await client.transferPause({ id: 4 });
    expect(shell.asked).toEqual([
      { command: 'node_view', request: undefined },
      { command: 'transfer_pause', request: { id: 4 } },
    ]);
  });
});

describe('errors', () => {
  it('are taken as they come from the shell', () => {
    const error = { code: 'disk_full', message: 'Full.', retry: 'after_user_action', params: {} };
    expect(toUiError(error)).toBe(error);
  });

  it.each([new Error('refused'), 'refused'])('of any other kind are called a defect', (thrown) => {
    const error = toUiError(thrown);
    expect(error).toMatchObject({ code: 'internal', retry: 'never' });
    // What was thrown says nothing to a person, and something to whoever mends it.
    expect(error.message).toBe('Something went wrong inside Layr.');
    expect(thrownText(error)).toBe('refused');
  });
});

describe('the page itself', () => {
  it('keeps React Aria from adding a style sheet that the content security policy refuses', () => {
    expect(page).toContain('id="react-aria-pressable-style"');
  });
});
