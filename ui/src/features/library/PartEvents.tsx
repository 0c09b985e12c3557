import type { PartEvent, PartHistory } from '../../ipc/bindings';
import { formatCount } from '../../lib/format';
import { formatTime } from '../../lib/time';
import { messages } from '../../messages';
import styles from './DetailsPane.module.css';
import { HostCode } from './HostCode';

/** Happenings shown at once; the others open on demand. */
const SHOWN = 5;

/** What happened to the parts of a file, the newest first. Checks that were passed are not among it. */
export function PartEvents({
  history: { events, older },
  segmentCount,
}: {
  history: PartHistory;
  segmentCount: number;
}) {
  const { history: text } = messages.library;
  const rest = events.slice(SHOWN);
  return (
    <section className={styles.segment} aria-labelledby="part-history">
      <h3 id="part-history" className={styles.heading}>
        {text.heading}
      </h3>
      {events.length === 0 ? (
        <p className={styles.quiet}>{text.none}</p>
      ) : (
        <Events events={events.slice(0, SHOWN)} segmentCount={segmentCount} />
      )}
      {rest.length > 0 && (
        <details className={styles.where}>
          <summary>{text.more(rest.length, formatCount(rest.length))}</summary>
          <Events events={rest} segmentCount={segmentCount} />
        </details>
      )}
      {older > 0 && <p className={styles.quiet}>{text.older(older, formatCount(older))}</p>}
    </section>
  );
}

function Events({ events, segmentCount }: { events: PartEvent[]; segmentCount: number }) {
  const { history: text } = messages.library;
  return (
    <ol className={styles.versions}>
      {events.map(({ at, segment, shard, event, host, from }) => (
        <li key={`${at} ${segment} ${shard} ${event} ${host}`} className={styles.version}>
          <span>
            {text[event](
              segmentCount > 1
                ? text.partOf(formatCount(shard + 1), formatCount(segment))
                : text.part(formatCount(shard + 1)),
            )}
          </span>
          <span className={styles.quiet}>
            {formatTime(at)}, {text.host} <HostCode peer={host} />
            {from !== undefined && (
              <>
                , {text.before} <HostCode peer={from} />
              </>
            )}
          </span>
        </li>
      ))}
    </ol>
  );
}
