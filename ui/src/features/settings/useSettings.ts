import { useQuery } from '@tanstack/react-query';

import { client } from '../../ipc/client';
import { keys } from '../../ipc/keys';

/** What the person has set. */
export function useSettings() {
  return useQuery({ queryKey: keys.settings, queryFn: client.settings });
}
