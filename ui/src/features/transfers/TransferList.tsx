import { ArrowUpDown } from 'lucide-react';
import { useState } from 'react';

import { EmptyState } from '../../design/EmptyState';
import { Note } from '../../design/Notice';
import { formatBytes, formatCount } from '../../lib/format';
import { useBeat } from '../../lib/hooks';
import { messages } from '../../messages';
import { pausedWords } from '../status/model';
import { countTransfers } from './model';
import { TransferRows, type TransferRowsProps } from './TransferRows';
import styles from './TransfersScreen.module.css';

const SPOKEN_EVERY_MS = 30_000;

/** What has failed, moves, waits and has ended, in this order. */
export function TransferList(props: TransferRowsProps) {
  const { report } = props;
  const { transfers } = messages;
  const counts = countTransfers(report.transfers);
  const summary = transfers.summary(
    formatCount(counts.moving),
    formatCount(counts.still),
    formatCount(counts.failed),
  );
  if (report.transfers.length === 0 && !report.paused_all) {
    return <EmptyState icon={ArrowUpDown} title={transfers.emptyTitle} text={transfers.emptyText} />;
  }
  return (
    <>
      {report.paused_all && (
        <Note>
          {/* What was resumed alone moves on. */}
          {counts.moving === 0
            ? transfers.pausedAll(pausedWords(report))
            : transfers.pausedOthers(pausedWords(report))}
        </Note>
      )}
      <p className={styles.summary}>
        {summary}
        {counts.leftBytes > 0 && ` · ${transfers.left(formatBytes(counts.leftBytes))}`}
      </p>
      <Spoken text={summary} />
      <TransferRows {...props} />
    </>
  );
}

/** Reads the summary out at most every half minute: figures that change four times a second are no speech. */
function Spoken({ text }: { text: string }) {
  const [spoken, setSpoken] = useState(text);
  useBeat(SPOKEN_EVERY_MS, () => setSpoken(text));
  return (
    <p className="only-spoken" role="status">
      {spoken}
    </p>
  );
}
