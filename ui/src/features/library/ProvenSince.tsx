import type { WeakSegment } from '../../ipc/bindings';
import { formatTime } from '../../lib/time';
import { messages } from '../../messages';
import styles from './DetailsPane.module.css';

/** Since when every part that is there has shown it, and was read in full: the oldest of these times decides. */
export function ProvenSince({ segment }: { segment: WeakSegment }) {
  const { history: text } = messages.library;
  const there = segment.shards.filter(({ state, failed }) => state === 'healthy' && failed === undefined);
  const proven = oldest(there.map(({ last_proven: at }) => at));
  const read = oldest(there.map(({ last_read: at }) => at));
  if (proven === null) {
    return null;
  }
  return (
    <p className={styles.quiet}>
      {read === null
        ? text.proven(formatTime(proven))
        : text.provenAndRead(formatTime(proven), formatTime(read))}
    </p>
  );
}

/** The oldest of these times; nothing where one is not known. */
function oldest(times: (string | null)[]): string | null {
  const known = times.filter((time) => time !== null);
  return known.length < times.length ? null : (known.toSorted()[0] ?? null);
}
