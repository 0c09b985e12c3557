import { useQuery } from '@tanstack/react-query';

import { client } from '../../ipc/client';
import { isUnread } from '../../ipc/isUnread';
import { keys } from '../../ipc/keys';
import type { ActivityEntry } from '../../ipc/bindings';

/** Kept on top until it is resolved. */
export function isLasting(entry: ActivityEntry): boolean {
  return !entry.resolved && entry.level !== 'info';
}

/** What happened, and how much of it is still open: null until that was answered once. */
export function useActivity() {
  const report = useQuery({
    queryKey: keys.activity,
    queryFn: client.activity,
  });
  const lasting = report.data?.entries.filter(isLasting);
  return {
    report,
    /** The last answer, if there is one, is old: more may be open than it says. */
    isUnread: isUnread(report),
    unresolved: lasting?.length ?? null,
    openActions: lasting?.filter(({ level }) => level === 'action').length ?? null,
  };
}
