import { useRef, useState } from 'react';

import { toUiError } from './errors';
import type { FailedCommand } from './useCommand';

/** A command that failed, and what it was given to. */
export interface Failure extends FailedCommand {
  key: string;
  title: string | undefined;
}

/** Who or what a command is given to: its next command puts the failure of the last one away. */
export interface Target {
  key: string;
  /** What to call the failure, where several can stand side by side. */
  failed?: string;
}

/** Commands to many things at once: every failure stays until it is tried again or put away. */
export function useCommands(onDone: () => void) {
  const [failures, setFailures] = useState<readonly Failure[]>([]);
  // How often each was given something: only the last press has an outcome that still says something.
  const presses = useRef(new Map<string, number>());
  const forget = (key: string) => setFailures((before) => before.filter((failure) => failure.key !== key));
  const run = (target: Target, command: () => Promise<void>) => {
    const { key, failed } = target;
    forget(key);
    const press = (presses.current.get(key) ?? 0) + 1;
    presses.current.set(key, press);
    command().then(onDone, (thrown: unknown) => {
      if (presses.current.get(key) !== press) {
        return;
      }
      setFailures((before) => [
        ...before.filter((failure) => failure.key !== key),
        {
          key,
          title: failed,
          error: toUiError(thrown),
          again: () => run(target, command),
          reset: () => forget(key),
        },
      ]);
    });
  };
  return { run, failures };
}
