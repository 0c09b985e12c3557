import { useMutation } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';

import type { UiError } from './bindings';
import { toUiError } from './errors';

/** A command that a person gives: whether it runs, why it failed, and what to do when it worked. */
export function useCommand<Request, Answer>(
  command: (request: Request) => Promise<Answer>,
  onDone?: (answer: Answer, request: Request) => void,
  /** The request or the answer is a secret: both are let go as soon as it has worked. */
  { isSecret = false }: { isSecret?: boolean } = {},
) {
  const isUnderWay = useRef(false);
  const mutation = useMutation<Answer, UiError, Request>({
    mutationFn: async (request) => {
      try {
        return await command(request);
      } catch (thrown) {
        throw toUiError(thrown);
      } finally {
        isUnderWay.current = false;
      }
    },
    onSuccess: (answer, request) => onDone?.(answer, request),
    // Nobody but the one who gave the command has a use for it.
    gcTime: 0,
  });
  const { variables, isSuccess, reset } = mutation;
  useEffect(() => {
    if (isSecret && isSuccess) {
      reset();
    }
  }, [isSecret, isSuccess, reset]);
  return {
    run: mutation.mutate,
    /** Gives it unless it runs already: whoever presses twice means once. */
    runOnce: (...request: Parameters<typeof mutation.mutate>) => {
      // What is known from the last time this was drawn is too old for a double press.
      if (!isUnderWay.current) {
        isUnderWay.current = true;
        mutation.mutate(...request);
      }
    },
    /** Gives the command that failed once more, with the same request. */
    again: () => mutation.mutate(variables as Request),
    isRunning: mutation.isPending,
    /** The request that it was last given with. */
    asked: variables,
    isDone: isSuccess,
    error: mutation.error,
    reset,
  };
}

/** What a notice needs to know of a command that failed. */
export interface FailedCommand {
  error: UiError | null;
  /** Absent where giving it once more cannot help. */
  again?: () => void;
  /** Puts the failure away. */
  reset: () => void;
}
