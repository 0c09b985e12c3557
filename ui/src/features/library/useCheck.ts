import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';

import type { CheckAnswer, ListedFile } from '../../ipc/bindings';
import { client } from '../../ipc/client';
import { keys } from '../../ipc/keys';
import { type FailedCommand, useCommand } from '../../ipc/useCommand';
import { requiredContext } from '../../lib/requiredContext';
import { checkWords, nameOfChosen } from './model';
import { messages } from '../../messages';

export interface Check {
  /** Asks the hosts for the parts of these. One check at a time. */
  start: (files: readonly ListedFile[]) => void;
  /** What is being checked; null while nothing is. */
  running: string | null;
  /** What the last check found, until it is put away. */
  result: string | null;
  forgetResult: () => void;
  failure: FailedCommand;
  /** What could not be checked. */
  failedFor: string;
}

export const [CheckContext, useCheck] = requiredContext<Check>('the checks');

interface Asked {
  names: string[];
  what: string;
}

/** A check from the press to its result. It goes on while the person looks at another screen. */
export function useCheckFlow(): Check {
  const queryClient = useQueryClient();
  const [asked, setAsked] = useState<Asked>({ names: [], what: '' });
  const [result, setResult] = useState<string | null>(null);
  const verify = useCommand(
    ({ names }: Asked) => client.filesVerify({ names }),
    (answer: CheckAnswer, { what }) => {
      setResult(messages.library.check.result(what, checkWords(answer)));
      queryClient.invalidateQueries({ queryKey: keys.library }).catch(() => undefined);
    },
  );
  const start = (files: readonly ListedFile[]) => {
    if (files.length === 0 || verify.isRunning) {
      return;
    }
    const next = { names: files.map((file) => file.id), what: nameOfChosen(files) };
    setResult(null);
    setAsked(next);
    verify.run(next);
  };
  return {
    start,
    running: verify.isRunning ? asked.what : null,
    result,
    forgetResult: () => setResult(null),
    failure: verify,
    failedFor: asked.what,
  };
}
