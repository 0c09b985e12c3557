import { useQuery } from '@tanstack/react-query';

import { client } from '../../ipc/client';
import { isUnread } from '../../ipc/isUnread';
import { keys } from '../../ipc/keys';
import type { ActivityEntry } from '../../ipc/bindings';

/** Kept on top until it is resolved. */
export function isLasting(entry: ActivityEntry): boolean {
  return !entry.resolved && entry.level !== 'info';
}

/** What happened; only while somebody looks at it, as it is long and changes with every step of a worker. */
export function useActivity() {
  return useQuery({ queryKey: keys.activity, queryFn: client.activity });
}

/** How much of what happened is still open: null until that was answered once. */
export function useActivityCounts() {
  const counts = useQuery({ queryKey: keys.activityCounts, queryFn: client.activityCounts });
  return {
    /** The last answer, if there is one, is old: more may be open than it says. */
    isUnread: isUnread(counts),
    unresolved: counts.data?.unresolved ?? null,
    openActions: counts.data?.open_actions ?? null,
  };
}
