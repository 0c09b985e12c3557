import { useMutation } from '@tanstack/react-query';

import type { UiError } from './bindings';
import { toUiError } from './errors';

/** A command that a person gives: whether it runs, why it failed, and what to do when it worked. */
export function useCommand<Request, Answer>(
  command: (request: Request) => Promise<Answer>,
  onDone?: (answer: Answer, request: Request) => void,
) {
  const mutation = useMutation<Answer, UiError, Request>({
    mutationFn: async (request) => {
      try {
        return await command(request);
      } catch (thrown) {
        throw toUiError(thrown);
      }
    },
    onSuccess: (answer, request) => onDone?.(answer, request),
    // Some requests and answers are secrets, and none is of use to anybody but the one who gave the command.
    gcTime: 0,
  });
  const { variables } = mutation;
  return {
    run: mutation.mutate,
    /** Gives the command that failed once more, with the same request. */
    again: () => mutation.mutate(variables as Request),
    isRunning: mutation.isPending,
    isDone: mutation.isSuccess,
    error: mutation.error,
    reset: mutation.reset,
  };
}

/** What a notice needs to know of a command that failed. */
export type FailedCommand = Pick<ReturnType<typeof useCommand>, 'error' | 'again' | 'reset'>;
