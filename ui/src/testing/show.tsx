import { type QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { render } from '@testing-library/react';
import type { ReactElement } from 'react';

import { newQueryClient } from '../app/newQueryClient';

/** Renders a part of the page with a query cache of its own, which is as slow to ask again as that of the app. */
export function show(page: ReactElement) {
  const queryClient = newQueryClient();
  const view = render(<QueryClientProvider client={queryClient}>{page}</QueryClientProvider>);
  return { ...view, queryClient, text: () => view.container.textContent };
}

/** What the page still holds of commands: what they asked and what was answered. */
export function keptByCommands(queryClient: QueryClient): string {
  const commands = queryClient.getMutationCache().getAll();
  return JSON.stringify(commands.map(({ state }) => [state.variables, state.data]));
}
