import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';

import type { CheckAnswer, ListedFile } from '../../ipc/bindings';
import { client } from '../../ipc/client';
import { toUiError } from '../../ipc/errors';
import { keys } from '../../ipc/keys';
import { refreshAnswers } from '../../ipc/refreshAnswers';
import { type FailedCommand, useCommand } from '../../ipc/useCommand';
import { requiredContext } from '../../lib/requiredContext';
import { checkWords, nameOfChosen } from './model';
import { named } from './named';
import { messages } from '../../messages';

export interface Check {
  /** Asks the hosts for as many parts of these as bring them back. One check at a time. */
  start: (files: readonly ListedFile[]) => void;
  /** Shows what it would mean to ask for every part, and asks. */
  plan: (files: readonly ListedFile[]) => void;
  /** What is being checked; null while nothing is. */
  running: string | null;
  stop: () => void;
  stopFailure: FailedCommand;
  /** What the last check found, until it is put away. */
  result: string | null;
  forgetResult: () => void;
  failure: FailedCommand;
  /** What could not be checked. */
  failedFor: string;
}

export const [CheckContext, useCheck] = requiredContext<Check>('the checks');

interface Asked {
  files: readonly ListedFile[];
  what: string;
  isThorough: boolean;
}

function askedOf(files: readonly ListedFile[], isThorough: boolean): Asked {
  return { files, what: nameOfChosen(files), isThorough };
}

const namesOf = ({ files }: Asked): string[] => files.map((file) => file.id);

/** What a check finds; null where it was stopped before its end. */
async function verify(asked: Asked): Promise<CheckAnswer | null> {
  try {
    return await named(asked.files, () =>
      client.filesVerify({ names: namesOf(asked), ...(asked.isThorough ? { thorough: true } : {}) }),
    );
  } catch (thrown) {
    if (toUiError(thrown).code === 'interrupted') {
      return null;
    }
    throw thrown;
  }
}

/** How much the check that waits for a yes would read. */
function useCheckPlan(planned: Asked | null) {
  return useQuery({
    queryKey: ['check-plan', planned === null ? null : namesOf(planned)],
    queryFn: () =>
      planned === null
        ? null
        : named(planned.files, () => client.filesVerifyPlan({ names: namesOf(planned) })),
    enabled: planned !== null,
    gcTime: 0,
  });
}

/** A check from the press to its result. It goes on while the person looks at another screen. */
export function useCheckFlow() {
  const queryClient = useQueryClient();
  const [asked, setAsked] = useState<Asked | null>(null);
  const [planned, setPlanned] = useState<Asked | null>(null);
  const [result, setResult] = useState<string | null>(null);
  const plan = useCheckPlan(planned);
  const { check: text } = messages.library;
  const command = useCommand(verify, (answer, { what, isThorough }) => {
    setResult(answer === null ? text.stopped(what) : text.result(what, checkWords(answer, isThorough)));
    refreshAnswers(queryClient, keys.library);
  });
  const stop = useCommand(() => client.checkCancel());
  const give = (next: Asked) => {
    if (next.files.length === 0 || command.isRunning) {
      return;
    }
    setResult(null);
    setAsked(next);
    setPlanned(null);
    stop.reset();
    command.runOnce(next);
  };
  const check: Check = {
    start: (files) => give(askedOf(files, false)),
    plan: (files) => {
      if (files.length > 0) {
        setPlanned(askedOf(files, true));
      }
    },
    running: command.isRunning ? (asked?.what ?? '') : null,
    stop: () => stop.runOnce(),
    stopFailure: stop,
    result,
    forgetResult: () => setResult(null),
    failure: command,
    failedFor: asked?.what ?? '',
  };
  return {
    check,
    planned,
    plan,
    confirm: () => planned !== null && give(planned),
    dismiss: () => setPlanned(null),
  };
}
