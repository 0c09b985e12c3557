import type { FetchQueryOptions, Query, QueryClient, QueryKey } from '@tanstack/react-query';

/** Those that something became of while they were asked for: what comes is shown, and asked for once more. */
const overdue = new WeakSet<Query>();

/**
 * Asks anew for whatever is shown of these, as it has changed, and for the rest when it is shown again. One question
 * at a time for each: an answer that is slower than the changes follow one another would never be seen otherwise.
 */
export function refreshAnswers(queryClient: QueryClient, queryKey: QueryKey): void {
  for (const query of queryClient.getQueryCache().findAll({ queryKey })) {
    refresh(queryClient, query);
  }
}

/** An answer that is not older than the last change that `refreshAnswers` was told of. */
export async function fetchAnew<Answer, Key extends QueryKey>(
  queryClient: QueryClient,
  options: FetchQueryOptions<Answer, Error, Answer, Key>,
): Promise<Answer> {
  const query = queryClient.getQueryCache().find({ queryKey: options.queryKey });
  if (query !== undefined && overdue.has(query)) {
    await query.fetch().catch(() => undefined);
  }
  return queryClient.fetchQuery({ ...options, staleTime: 0 });
}

function refresh(queryClient: QueryClient, query: Query): void {
  if (query.state.fetchStatus === 'idle') {
    const { queryKey } = query;
    // A failure is in the query.
    queryClient.invalidateQueries({ queryKey, exact: true }, { cancelRefetch: false }).catch(() => undefined);
    return;
  }
  if (overdue.has(query)) {
    return;
  }
  overdue.add(query);
  const next = () => {
    overdue.delete(query);
    refresh(queryClient, query);
  };
  // This joins the one that is under way.
  query.fetch().then(next, next);
}
