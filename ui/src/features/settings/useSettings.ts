import { useQuery } from '@tanstack/react-query';

import type { Settings } from '../../ipc/bindings';
import { client } from '../../ipc/client';
import { keys } from '../../ipc/keys';
import { useAnswerOf } from '../../ipc/useAnswerOf';
import { useCommand } from '../../ipc/useCommand';

const query = { queryKey: keys.settings, queryFn: client.settings };

/** What the person has set. */
export function useSettings() {
  return useQuery(query);
}

/** The same, asked for anew: a terminal, the tray and the question at closing change it as well, without an event. */
export function useFreshSettings() {
  return useQuery({ ...query, refetchOnMount: 'always' });
}

/** Changes what is asked for and nothing else: what is shown of the rest may be old. */
export function useSettingsChange() {
  return useCommand(client.settingsSet, useAnswerOf<Settings>(keys.settings));
}
