import type { QueryObserverResult } from '@tanstack/react-query';

/**
 * Whether the answer that there is, if there is one, is not the last word: asking for a newer one failed. A query that
 * never had an answer forgets its error as soon as it is asked again, which says nothing yet.
 */
export function isUnread({
  data,
  error,
  errorUpdateCount,
}: Pick<QueryObserverResult, 'data' | 'error' | 'errorUpdateCount'>): boolean {
  return error !== null || (data === undefined && errorUpdateCount > 0);
}
