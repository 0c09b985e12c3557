import { type QueryKey, useQueryClient } from '@tanstack/react-query';

/** Takes what a command answered for what its query would: how things stand now. */
export function useAnswerOf<Answer>(queryKey: QueryKey): (answer: Answer) => Promise<void> {
  const queryClient = useQueryClient();
  return async (answer) => {
    // What was asked before the command may be answered after it, with how things stood before.
    await queryClient.cancelQueries({ queryKey });
    queryClient.setQueryData(queryKey, answer);
  };
}
