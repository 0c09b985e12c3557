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
  });
  return {
    run: mutation.mutate,
    isRunning: mutation.isPending,
    isDone: mutation.isSuccess,
    error: mutation.error,
    reset: mutation.reset,
  };
}
