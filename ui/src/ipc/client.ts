// The functions of the registry over the bridge of the window. With `events.ts` the only door to the shell.

import { invoke } from '@tauri-apps/api/core';

import { commandsOver } from './bindings';

function ask<Answer>(command: string, request?: object): Promise<Answer> {
  return invoke<Answer>(command, request === undefined ? undefined : { request });
}

export const client = commandsOver(ask);
