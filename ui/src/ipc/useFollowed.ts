import { type QueryKey, useQuery } from '@tanstack/react-query';

import { useBeat } from '../lib/hooks';

/** An answer that changes without an event: asked for in a beat while the window is seen, and as soon as it is back. */
export function useFollowed<Answer>(queryKey: QueryKey, ask: () => Promise<Answer>, everyMs: number) {
  const query = useQuery({ queryKey, queryFn: ask, staleTime: 0 });
  const { refetch } = query;
  useBeat(everyMs, () => {
    // One that is under way will do; a failure is in the query.
    refetch({ cancelRefetch: false }).catch(() => undefined);
  });
  return query;
}
