import { QueryClientProvider } from '@tanstack/react-query';
import { useState } from 'react';

import { LastResort } from './BrokenScreen';
import { CloseQuestion } from './CloseQuestion';
import { useKeptFocus } from './focus';
import { newQueryClient } from './newQueryClient';
import { NodeGate } from './NodeGate';
import { useTheme } from './useTheme';
import { ZoomKeys } from './ZoomKeys';

export function App() {
  const [queryClient] = useState(newQueryClient);
  return (
    <QueryClientProvider client={queryClient}>
      <LastResort>
        <Window />
      </LastResort>
    </QueryClientProvider>
  );
}

/** What holds whether a node runs or not: colours, size of the text, the focus, and the question that closing asks. */
function Window() {
  useTheme();
  useKeptFocus();
  return (
    <>
      <NodeGate />
      <CloseQuestion />
      <ZoomKeys />
    </>
  );
}
