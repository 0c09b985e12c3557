import { BellRing, CircleAlert, CircleCheck, Info, type LucideIcon, TriangleAlert } from 'lucide-react';

import { useRef } from 'react';

import { Button } from '../../design/Button';
import { EmptyState } from '../../design/EmptyState';
import type { ActivityEntry } from '../../ipc/bindings';
import { formatCount, plainSentence, shortName } from '../../lib/format';
import { messages } from '../../messages';
import styles from './Activity.module.css';
import { Ago } from './Ago';
import { isLasting } from './useActivity';

const ICONS: Record<ActivityEntry['level'], LucideIcon> = {
  info: Info,
  warning: TriangleAlert,
  action: CircleAlert,
};

export interface ActivityListProps {
  entries: readonly ActivityEntry[];
  nowMs: number;
  isBusy: boolean;
  leadsTo: (place: string) => boolean;
  onOpen: (place: string) => void;
  onResolve: (id: number) => void;
}

/** What happened; what still needs the person stands on top until it is resolved, then the rest, newest first. */
export function ActivityList({ entries, ...row }: ActivityListProps) {
  const { activity } = messages;
  const list = useRef<HTMLUListElement>(null);
  if (entries.length === 0) {
    return <EmptyState icon={BellRing} title={activity.emptyTitle} text={activity.emptyText} />;
  }
  return (
    <ul ref={list} className={styles.list} aria-label={activity.list} tabIndex={-1}>
      {inOrder(entries).map((entry, index) => (
        <Entry
          key={entry.id}
          entry={entry}
          isFirst={index === 0}
          {...row}
          onResolve={(id) => {
            row.onResolve(id);
            // The button goes, and its entry to another place.
            list.current?.focus();
          }}
        />
      ))}
    </ul>
  );
}

function Entry({
  entry,
  isFirst,
  nowMs,
  isBusy,
  leadsTo,
  onOpen,
  onResolve,
}: Omit<ActivityListProps, 'entries'> & { entry: ActivityEntry; isFirst: boolean }) {
  const { activity, everywhere } = messages;
  const Icon = entry.resolved ? CircleCheck : ICONS[entry.level];
  const { opens } = entry;
  const title = shortName(entry.title);
  return (
    <li className={styles.entry} data-level={entry.resolved ? 'info' : entry.level}>
      <Icon className={styles.icon} size={18} aria-hidden="true" focusable="false" />
      <div className={styles.words}>
        <p className={styles.title}>{plainSentence(title)}</p>
        {/* A line of its own for each item; names bring none, as the node writes them on one. */}
        <p className={styles.lines}>{entry.text.split('\n').map(plainSentence).join('\n')}</p>
        <p className={styles.quiet}>
          {entry.resolved ? activity.resolved : activity.level[entry.level]}
          {' · '}
          <Ago at={entry.at} nowMs={nowMs} />
          {entry.times !== undefined && entry.times > 1 && ` · ${activity.times(formatCount(entry.times))}`}
        </p>
      </div>
      <div className={styles.buttons}>
        {opens !== undefined && leadsTo(opens) && (
          <Button
            look={isFirst && isLasting(entry) ? 'primary' : 'plain'}
            label={everywhere.named(activity.open, title)}
            onPress={() => onOpen(opens)}
          >
            {activity.open}
          </Button>
        )}
        {!entry.resolved && (
          <Button
            label={everywhere.named(activity.resolve, title)}
            isDisabled={isBusy}
            onPress={() => onResolve(entry.id)}
          >
            {activity.resolve}
          </Button>
        )}
      </div>
    </li>
  );
}

const WEIGHTS: Record<ActivityEntry['level'], number> = { action: 0, warning: 1, info: 2 };

function weight(entry: ActivityEntry): number {
  return isLasting(entry) ? WEIGHTS[entry.level] : WEIGHTS.info;
}

function inOrder(entries: readonly ActivityEntry[]): ActivityEntry[] {
  return entries.toSorted((a, b) => weight(a) - weight(b) || b.at.localeCompare(a.at) || b.id - a.id);
}
