import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { render } from '@testing-library/react';
import type { ReactElement } from 'react';

/** Renders a part of the page with a query cache of its own. */
export function show(page: ReactElement) {
  const always = { retry: false, networkMode: 'always' } as const;
  const queryClient = new QueryClient({ defaultOptions: { queries: always, mutations: always } });
  const view = render(<QueryClientProvider client={queryClient}>{page}</QueryClientProvider>);
  return { ...view, queryClient, text: () => view.container.textContent };
}

/** What the page still holds of commands: what they asked and what was answered. */
export function keptByCommands(queryClient: QueryClient): string {
  const commands = queryClient.getMutationCache().getAll();
  return JSON.stringify(commands.map(({ state }) => [state.variables, state.data]));
}
