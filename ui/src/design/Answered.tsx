import type { ReactNode } from 'react';

import type { QueryObserverResult } from '@tanstack/react-query';
import { toUiError } from '../ipc/errors';
import { messages } from '../messages';
import { ErrorNotice } from './Notice';
import { Skeleton } from './Screen';

export interface AnsweredProps<Answer> {
  query: Pick<QueryObserverResult<Answer>, 'data' | 'error' | 'refetch'>;
  /** What failed, where there is no answer at all. */
  failed?: string;
  /** How many lines the answer will about have. */
  rows?: number;
  children: (answer: Answer) => ReactNode;
}

/** What depends on an answer of the shell: while it is awaited, when it failed, and when a newer one failed. */
export function Answered<Answer>({ query, failed, rows = 6, children }: AnsweredProps<Answer>) {
  const { everywhere } = messages;
  const { data, error, refetch } = query;
  const notice = error !== null && (
    <ErrorNotice
      error={toUiError(error)}
      title={data === undefined ? (failed ?? everywhere.loadFailed) : everywhere.outOfDate}
      onRetry={() => refetch()}
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
