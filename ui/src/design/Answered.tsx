import { type ReactNode, useState } from 'react';

import type { QueryObserverResult } from '@tanstack/react-query';
import { toUiError } from '../ipc/errors';
import { messages } from '../messages';
import { ErrorNotice } from './Notice';
import { Skeleton } from './Screen';

export interface AnsweredProps<Answer> {
  query: Pick<QueryObserverResult<Answer>, 'data' | 'error' | 'errorUpdatedAt' | 'refetch'>;
  /** What failed, where there is no answer at all. */
  failed?: string;
  /** How many lines the answer will about have. */
  rows?: number;
  children: (answer: Answer) => ReactNode;
}

/** What depends on an answer of the shell: while it is awaited, when it failed, and when a newer one failed. */
export function Answered<Answer>({ query, failed, rows = 6, children }: AnsweredProps<Answer>) {
  const { everywhere } = messages;
  const { data } = query;
  const error = useToldError(query);
  const [isAskedAgain, setAskedAgain] = useState(false);
  const again = async () => {
    setAskedAgain(true);
    // A failure is in the query.
    await query.refetch();
    setAskedAgain(false);
  };
  const notice = error !== null && (
    <ErrorNotice
      error={toUiError(error)}
      title={data === undefined ? (failed ?? everywhere.loadFailed) : everywhere.outOfDate}
      onRetry={() => {
        again().catch(() => undefined);
      }}
      isRetried={isAskedAgain}
    />
  );
  if (data === undefined) {
    return error === null ? <Skeleton label={everywhere.loading} rows={rows} /> : notice;
  }
  return (
    <>
      {notice}
      {children(data)}
    </>
  );
}

/**
 * The error of the query. One without an answer forgets it as soon as it asks again, which some do in a beat: until it is
 * answered the error stays told, so that no notice comes and goes with every beat, is read out anew and drops the focus.
 */
function useToldError<Answer>({ data, error, errorUpdatedAt }: AnsweredProps<Answer>['query']): Error | null {
  const [told, setTold] = useState<{ error: Error; at: number } | null>(null);
  if (error !== null && (error !== told?.error || errorUpdatedAt !== told.at)) {
    setTold({ error, at: errorUpdatedAt });
  }
  // The moment tells it from that of another query.
  const isStillTold = data === undefined && told?.at === errorUpdatedAt;
  return error ?? (isStillTold ? told.error : null);
}
