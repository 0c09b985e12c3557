import type { ShardInfo, WeakSegment } from '../../ipc/bindings';
import { formatCount } from '../../lib/format';
import { formatTime } from '../../lib/time';
import { messages } from '../../messages';
import styles from './DetailsPane.module.css';
import { HostCode } from './HostCode';

/** Where every part of a segment lies, for whoever wants the numbers. */
export function PartsTable({ segment }: { segment: WeakSegment }) {
  const { details } = messages.library;
  return (
    <details className={styles.where}>
      <summary>{details.where}</summary>
      <table className={styles.parts}>
        <thead>
          <tr>
            <th scope="col">{details.part}</th>
            <th scope="col">{details.host}</th>
            <th scope="col">{details.partState}</th>
            <th scope="col">{details.lastCheck}</th>
          </tr>
        </thead>
        <tbody>
          {segment.shards.map((part) => (
            <tr key={part.index}>
              <td>{formatCount(part.index + 1)}</td>
              <td>{part.host === null ? details.notPlaced : <HostCode peer={part.host} />}</td>
              <td>{partWords(part)}</td>
              <td>{part.last_audit === null ? details.neverChecked : formatTime(part.last_audit)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  );
}

/** The state of a part, and what audits know of it besides: what failed for good is not waited for, whatever it was seen as. */
function partWords({ state, failed, question_open: isOpen }: ShardInfo): string {
  const { details, shard } = messages.library;
  if (failed !== undefined) {
    return details.failed[failed];
  }
  return isOpen ? details.questionOpen : shard[state];
}
