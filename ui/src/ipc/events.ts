import { listen } from '@tauri-apps/api/event';

import type { ShellEvents } from './bindings';

export type { ShellEvents } from './bindings';

/** Calls back on every event of that name until the returned function is called. */
export function onShellEvent<Name extends keyof ShellEvents>(
  name: Name,
  callback: (payload: ShellEvents[Name]) => void,
): () => void {
  let stopped = false;
  let unlisten: (() => void) | undefined;
  listen<ShellEvents[Name]>(name, (event) => {
    if (!stopped) {
      callback(event.payload);
    }
  }).then(
    (stop) => {
      if (stopped) {
        stop();
      } else {
        unlisten = stop;
      }
    },
    // Without events the page still answers to every press; the first command that fails says what is wrong.
    () => undefined,
  );
  return () => {
    stopped = true;
    unlisten?.();
  };
}
