import { BellRing, CircleAlert, Info, type LucideIcon, TriangleAlert } from 'lucide-react';

import { Button } from '../../design/Button';
import { EmptyState } from '../../design/EmptyState';
import type { ActivityEntry } from '../../ipc/pending';
import { plainName, shortName } from '../../lib/format';
import { formatAgo, formatTime } from '../../lib/time';
import { messages } from '../../messages';
import styles from './ActivityList.module.css';

const ICONS: Record<ActivityEntry['level'], LucideIcon> = {
  info: Info,
  warning: TriangleAlert,
  action: CircleAlert,
};

export interface ActivityListProps {
  entries: readonly ActivityEntry[];
  nowMs: number;
  isBusy: boolean;
  onResolve: (id: number) => void;
}

/** What happened; what still needs the person stands on top until it is resolved. */
export function ActivityList({ entries, nowMs, isBusy, onResolve }: ActivityListProps) {
  const { activity } = messages.settings;
  if (entries.length === 0) {
    return <EmptyState icon={BellRing} title={activity.emptyTitle} text={activity.emptyText} />;
  }
  const ordered = [...entries.filter(isLasting), ...entries.filter((entry) => !isLasting(entry))];
  return (
    <ul className={styles.list} aria-label={activity.list}>
      {ordered.map((entry) => {
        const Icon = ICONS[entry.level];
        return (
          <li key={entry.id} className={styles.entry} data-level={entry.resolved ? 'info' : entry.level}>
            <Icon className={styles.icon} size={18} aria-hidden="true" focusable="false" />
            <div className={styles.words}>
              <p className={styles.title}>{plainName(entry.title)}</p>
              <p>{plainName(entry.text)}</p>
              <p className={styles.quiet}>
                {entry.resolved ? activity.resolved : activity.level[entry.level]}
                {' · '}
                <time dateTime={entry.at} title={formatTime(entry.at)}>
                  {formatAgo(entry.at, nowMs)}
                </time>
              </p>
            </div>
            {!entry.resolved && (
              <Button
                label={activity.named(activity.resolve, shortName(entry.title))}
                isDisabled={isBusy}
                onPress={() => onResolve(entry.id)}
              >
                {activity.resolve}
              </Button>
            )}
          </li>
        );
      })}
    </ul>
  );
}

function isLasting(entry: ActivityEntry): boolean {
  return !entry.resolved && entry.level !== 'info';
}
