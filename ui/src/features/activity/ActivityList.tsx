import { BellRing, CircleAlert, CircleCheck, Info, type LucideIcon, TriangleAlert } from 'lucide-react';

import { useRef } from 'react';

import { Button } from '../../design/Button';
import { EmptyState } from '../../design/EmptyState';
import { VirtualList } from '../../design/VirtualList';
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

/** About what one with a line of text takes. */
const USUAL_HEIGHT = 92;

export interface ActivityListProps {
  entries: readonly ActivityEntry[];
  nowMs: number;
  /** What the entries scroll in; null before it is there. */
  scroller: HTMLElement | null;
  isBusy: boolean;
  leadsTo: (place: string) => boolean;
  onOpen: (place: string) => void;
  onResolve: (id: number) => void;
}

/** What happened; what still needs the person stands on top until it is resolved, then the rest, newest first. */
export function ActivityList({ entries, scroller, ...row }: ActivityListProps) {
  const { activity } = messages;
  const list = useRef<HTMLUListElement>(null);
  if (entries.length === 0) {
    return <EmptyState icon={BellRing} title={activity.emptyTitle} text={activity.emptyText} />;
  }
  return (
    <VirtualList
      items={inOrder(entries)}
      label={activity.list}
      usualHeight={USUAL_HEIGHT}
      scroller={scroller}
      list={list}
    >
      {(entry, index) => (
        <Entry
          entry={entry}
          isFirst={index === 0}
          {...row}
          onResolve={(id) => {
            row.onResolve(id);
            // The button goes, and its entry to another place. What is read stays where it is.
            list.current?.focus({ preventScroll: true });
          }}
        />
      )}
    </VirtualList>
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
}: Omit<ActivityListProps, 'entries' | 'scroller'> & { entry: ActivityEntry; isFirst: boolean }) {
  const { activity, everywhere } = messages;
  const Icon = entry.resolved ? CircleCheck : ICONS[entry.level];
  const { opens } = entry;
  const title = shortName(entry.title);
  return (
    <div className={styles.entry} data-level={entry.resolved ? 'info' : entry.level}>
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
    </div>
  );
}

const WEIGHTS: Record<ActivityEntry['level'], number> = { action: 0, warning: 1, info: 2 };

function weight(entry: ActivityEntry): number {
  return isLasting(entry) ? WEIGHTS[entry.level] : WEIGHTS.info;
}

function inOrder(entries: readonly ActivityEntry[]): ActivityEntry[] {
  return entries.toSorted((a, b) => weight(a) - weight(b) || b.at.localeCompare(a.at) || b.id - a.id);
}
