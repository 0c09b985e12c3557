import { ArrowUpDown } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';

import { EmptyState } from '../../design/EmptyState';
import { Note } from '../../design/Notice';
import type { Transfer, TransfersReport } from '../../ipc/bindings';
import { formatCount } from '../../lib/format';
import { messages } from '../../messages';
import { countTransfers, type TransferAction } from './model';
import { TransferRow } from './TransferRow';
import styles from './TransfersScreen.module.css';

const SPOKEN_EVERY_MS = 30_000;

export interface TransferListProps {
  report: TransfersReport;
  onAction: (action: TransferAction, transfer: Transfer) => void;
}

/** What moves, waits and has ended; the newest first. */
export function TransferList({ report, onAction }: TransferListProps) {
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
      {report.paused_all && <Note>{transfers.pausedAll}</Note>}
      <p className={styles.summary}>{summary}</p>
      <Spoken text={summary} />
      <ul className={styles.list} aria-label={transfers.list}>
        {report.transfers.toReversed().map((transfer) => (
          <TransferRow key={transfer.id} transfer={transfer} onAction={onAction} />
        ))}
      </ul>
    </>
  );
}

/** Reads the summary out at most every half minute: figures that change four times a second are no speech. */
function Spoken({ text }: { text: string }) {
  const [spoken, setSpoken] = useState(text);
  const latest = useRef(text);
  useEffect(() => {
    latest.current = text;
  }, [text]);
  useEffect(() => {
    const timer = setInterval(() => setSpoken(latest.current), SPOKEN_EVERY_MS);
    return () => clearInterval(timer);
  }, []);
  return (
    <p className="only-spoken" role="status">
      {spoken}
    </p>
  );
}
