import { useQuery } from '@tanstack/react-query';

import { client } from './client';
import { keys } from './keys';

/** What the window remembers of this home. */
export const useShellState = () => useQuery({ queryKey: keys.shell, queryFn: client.shellState });
