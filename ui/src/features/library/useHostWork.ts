import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';

import type { ListedFile } from '../../ipc/bindings';
import { toUiError } from '../../ipc/errors';
import { keys } from '../../ipc/keys';
import { refreshAnswers } from '../../ipc/refreshAnswers';
import { type FailedCommand, useCommand } from '../../ipc/useCommand';
import { named } from './named';

/** What something long is done with. */
export interface Asked {
  files: readonly ListedFile[];
  what: string;
}

export const namesOf = ({ files }: Asked): string[] => files.map((file) => file.id);

/** Something long that is done at hosts: one at a time, which goes on while the person looks at another screen. */
export interface HostWork {
  /** With what it is done; null while it is not. */
  running: string | null;
  stop: () => void;
  stopFailure: FailedCommand;
  /** What came of the last one, until it is put away. */
  result: string | null;
  forgetResult: () => void;
  failure: FailedCommand;
  /** With what it could not be done. */
  failedFor: string;
}

/** The same where a plan and a yes come before it. */
export interface PlannedWork extends HostWork {
  /** A sheet asks for the yes. */
  isPlanned: boolean;
}

export interface HostWorkOptions<One extends Asked, Answer> {
  work: (asked: One) => Promise<Answer>;
  cancel: () => Promise<void>;
  /** What to say of an answer; null is one that was stopped before its end. */
  said: (answer: Answer | null, asked: One) => string;
}

export function useHostWork<One extends Asked, Answer>(options: HostWorkOptions<One, Answer>) {
  const queryClient = useQueryClient();
  const [asked, setAsked] = useState<One | null>(null);
  const [result, setResult] = useState<string | null>(null);
  const untilStopped = async (one: One): Promise<Answer | null> => {
    try {
      return await named(one.files, () => options.work(one));
    } catch (thrown) {
      if (toUiError(thrown).code === 'interrupted') {
        return null;
      }
      throw thrown;
    }
  };
  const command = useCommand(untilStopped, (answer, one) => {
    setResult(options.said(answer, one));
    refreshAnswers(queryClient, keys.library);
  });
  const stop = useCommand(options.cancel);
  const work: HostWork = {
    running: command.isRunning ? (asked?.what ?? '') : null,
    stop: () => stop.runOnce(),
    stopFailure: stop,
    result,
    forgetResult: () => setResult(null),
    failure: command,
    failedFor: asked?.what ?? '',
  };
  /** Begins, unless one runs. */
  const give = (next: One) => {
    if (next.files.length === 0 || command.isRunning) {
      return;
    }
    setResult(null);
    setAsked(next);
    stop.reset();
    command.runOnce(next);
  };
  return { work, give };
}
