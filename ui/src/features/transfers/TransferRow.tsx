import { ArrowDownToLine, ArrowUpFromLine } from 'lucide-react';

import { Button } from '../../design/Button';
import { Name } from '../../design/Name';
import { Progress } from '../../design/Progress';
import { SkippedPaths } from '../../design/SkippedPaths';
import { StateMark } from '../../design/StateMark';
import type { Transfer, TransfersReport } from '../../ipc/bindings';
import { formatCount, plainSentence, shortName } from '../../lib/format';
import { useNow } from '../../lib/hooks';
import { messages } from '../../messages';
import {
  actionsOf,
  nextTryWords,
  shownState,
  type TransferAction,
  transferFigures,
  transferReason,
} from './model';
import { ShowInLibrary } from './ShowInLibrary';
import styles from './TransfersScreen.module.css';

export interface TransferRowProps {
  transfer: Transfer;
  /** The report that it is of. */
  report: TransfersReport;
  /** The remaining time, where one can be believed. */
  etaS: number | null;
  /** Whether what was left out is listed: kept by the list, as a row that is scrolled away is no more. */
  isOpen: boolean;
  onOpen: (isOpen: boolean) => void;
  onAction: (action: TransferAction, transfer: Transfer) => void;
}

/** As precise as what it says. */
const NEXT_TRY_BEAT_MS = 5000;

export function TransferRow({ transfer, report, etaS, isOpen, onOpen, onAction }: TransferRowProps) {
  const { transfers, everywhere } = messages;
  const Icon = transfer.kind === 'upload' ? ArrowUpFromLine : ArrowDownToLine;
  const state = shownState(transfer);
  const reason = transferReason(transfer, report);
  const isOver = transfer.state === 'done' || transfer.state === 'cancelled';
  // Without a total a bar says that something is under way, which must be so.
  const hasProgress = !isOver && (transfer.state === 'running' || transfer.total_bytes > 0);
  const figures = transferFigures(transfer, etaS);
  return (
    <div className={styles.row}>
      <div className={styles.title}>
        <Icon size={16} role="img" aria-label={transfers.kind[transfer.kind]} focusable="false" />
        <Name text={transfer.name} />
        {'word' in state ? (
          <StateMark word={state.word} />
        ) : (
          <span className={styles.word}>{state.text}</span>
        )}
      </div>
      {hasProgress && (
        <Progress label={shortName(transfer.name)} done={transfer.done_bytes} total={transfer.total_bytes} />
      )}
      <div className={styles.words}>
        {reason !== null && <p className="tabular">{plainSentence(reason)}</p>}
        {transfer.state === 'waiting' && transfer.next_try !== undefined && (
          <NextTry at={transfer.next_try} />
        )}
        {transfer.state === 'running' && transfer.current !== '' && (
          <div className={styles.quiet}>
            <Name text={transfer.current} />
          </div>
        )}
        {figures !== '' && <p className={styles.figures}>{figures}</p>}
        {transfer.skipped_total > 0 && (
          <SkippedPaths
            title={transfers.skipped(transfer.skipped_total, formatCount(transfer.skipped_total))}
            paths={transfer.skipped}
            count={transfer.skipped_total}
            isOpen={isOpen}
            onOpen={onOpen}
          />
        )}
      </div>
      <div className={styles.actions}>
        <ShowInLibrary transfer={transfer} />
        {actionsOf(transfer).map((action) => (
          <Button
            // One turns into the other under the finger, which stays on it.
            key={action === 'resume' ? 'pause' : action}
            label={everywhere.named(transfers[action], shortName(transfer.name))}
            onPress={() => onAction(action, transfer)}
          >
            {transfers[action]}
          </Button>
        ))}
      </div>
    </div>
  );
}

function NextTry({ at }: { at: string }) {
  return <p className="tabular">{nextTryWords(at, useNow(NEXT_TRY_BEAT_MS))}</p>;
}
