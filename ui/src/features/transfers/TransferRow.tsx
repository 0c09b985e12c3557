import { ArrowDownToLine, ArrowUpFromLine } from 'lucide-react';

import { Button } from '../../design/Button';
import { Name } from '../../design/Name';
import { Progress } from '../../design/Progress';
import { StateMark } from '../../design/StateMark';
import type { Transfer } from '../../ipc/bindings';
import { isServed } from '../../ipc/client';
import { formatCount, plainName, shortName } from '../../lib/format';
import { formatTime } from '../../lib/time';
import { messages } from '../../messages';
import { actionsOf, shownState, type TransferAction, transferFigures, transferReason } from './model';
import styles from './TransfersScreen.module.css';

export interface TransferRowProps {
  transfer: Transfer;
  onAction: (action: TransferAction, transfer: Transfer) => void;
}

export function TransferRow({ transfer, onAction }: TransferRowProps) {
  const { transfers } = messages;
  const Icon = transfer.kind === 'upload' ? ArrowUpFromLine : ArrowDownToLine;
  const state = shownState(transfer);
  const reason = transferReason(transfer);
  const isOver = transfer.state === 'done' || transfer.state === 'cancelled';
  return (
    <li className={styles.row} data-state={transfer.state}>
      <div className={styles.title}>
        <Icon size={16} role="img" aria-label={transfers.kind[transfer.kind]} focusable="false" />
        <Name text={transfer.name} />
        {'word' in state ? (
          <StateMark word={state.word} />
        ) : (
          <span className={styles.word}>{state.text}</span>
        )}
      </div>
      {!isOver && (
        <Progress label={shortName(transfer.name)} done={transfer.done_bytes} total={transfer.total_bytes} />
      )}
      <div className={styles.words}>
        {reason !== null && <p>{plainName(reason)}</p>}
        {transfer.state === 'running' && transfer.current !== '' && (
          <div className={styles.quiet}>
            <Name text={transfer.current} />
          </div>
        )}
        <p className={styles.figures}>
          {transferFigures(transfer)}
          {transfer.finished !== null && ` · ${formatTime(transfer.finished)}`}
        </p>
        {transfer.skipped_total > 0 && <Skipped transfer={transfer} />}
      </div>
      <div className={styles.actions}>
        {actionsOf(transfer, isServed('transferReveal')).map((action) => (
          <Button
            key={action}
            label={transfers.named(transfers[action], shortName(transfer.name))}
            onPress={() => onAction(action, transfer)}
          >
            {transfers[action]}
          </Button>
        ))}
      </div>
    </li>
  );
}

function Skipped({ transfer }: { transfer: Transfer }) {
  const hidden = transfer.skipped_total - transfer.skipped.length;
  return (
    <details className={styles.skipped}>
      <summary>
        {messages.transfers.skipped(transfer.skipped_total, formatCount(transfer.skipped_total))}
      </summary>
      <ul>
        {transfer.skipped.map((skipped) => (
          <li key={skipped.path}>
            <Name text={skipped.path} />
            {plainName(skipped.reason)}
          </li>
        ))}
        {hidden > 0 && <li>{messages.transfers.skippedMore(formatCount(hidden))}</li>}
      </ul>
    </details>
  );
}
