import { QueryClient } from '@tanstack/react-query';

/** Keeps the answers of the shell for as long as nothing says that they are stale. */
export function newQueryClient(): QueryClient {
  const always = { networkMode: 'always', retry: false } as const;
  return new QueryClient({
    defaultOptions: {
      // The shell is in the same computer: no network decides, and its events say what has become stale.
      queries: { ...always, staleTime: Infinity, refetchOnWindowFocus: false, refetchOnReconnect: false },
      mutations: always,
    },
  });
}
