import type { StateWord } from '../../design/states';
import type { Transfer, TransferState } from '../../ipc/bindings';
import { formatBytes, formatCount, formatRate } from '../../lib/format';
import { formatRemaining } from '../../lib/time';
import { messages } from '../../messages';

/** The state of a transfer as one of the fixed words, or as a plain one where none of them would be true. */
export type ShownState = { word: StateWord } | { text: string };

export function shownState(transfer: Transfer): ShownState {
  switch (transfer.state) {
    case 'waiting':
      return { word: 'waiting' };
    case 'paused':
      return { word: 'paused' };
    case 'failed':
      return { word: transfer.retry === 'automatic' ? 'waiting' : 'needsYou' };
    case 'running':
      return transfer.kind === 'upload' ? { word: 'uploading' } : { text: messages.transfers.downloading };
    // Finished is not safe: only the library knows how a file is by now.
    case 'done':
      return { text: messages.transfers.finished };
    case 'cancelled':
      return { text: messages.transfers.cancelled };
  }
}

/** What stands under the name: the stage while it runs, the reason while it does not. */
export function transferReason(transfer: Transfer): string | null {
  const { stage, noReason, retriesAlone, needsYou, never } = messages.transfers;
  switch (transfer.state) {
    case 'running':
      return stage[transfer.stage] ?? transfer.stage;
    case 'waiting':
      return transfer.reason ?? noReason.waiting;
    case 'paused':
      return transfer.reason ?? noReason.paused;
    case 'failed': {
      const next = { automatic: retriesAlone, after_user_action: needsYou, never }[transfer.retry ?? 'never'];
      return `${transfer.reason ?? noReason.failed} ${next}`;
    }
    case 'done':
    case 'cancelled':
      return transfer.reason;
  }
}

/** Amounts, rate and remaining time: each only where it is known. */
export function transferFigures(transfer: Transfer): string {
  const { progress, files, counting, eta } = messages.transfers;
  const parts = [
    transfer.total_bytes === 0
      ? counting
      : progress(formatBytes(transfer.done_bytes), formatBytes(transfer.total_bytes)),
  ];
  if (transfer.total_files > 1) {
    parts.push(files(formatCount(transfer.done_files), formatCount(transfer.total_files)));
  }
  if (transfer.state === 'running' && transfer.rate_bytes_per_s !== null) {
    parts.push(formatRate(transfer.rate_bytes_per_s));
  }
  if (transfer.state === 'running' && transfer.eta_s !== null) {
    parts.push(eta(formatRemaining(transfer.eta_s)));
  }
  return parts.join(' · ');
}

export type TransferAction = 'pause' | 'resume' | 'retry' | 'cancel' | 'reveal';

/** What can be done with a transfer in its state; nothing is offered that would do nothing. */
export function actionsOf(transfer: Transfer, canReveal: boolean): TransferAction[] {
  const byState: Record<TransferState, TransferAction[]> = {
    waiting: ['pause', 'cancel'],
    running: ['pause', 'cancel'],
    paused: ['resume', 'cancel'],
    failed: ['retry', 'cancel'],
    done: transfer.kind === 'download' && canReveal ? ['reveal'] : [],
    cancelled: [],
  };
  return byState[transfer.state];
}

export interface TransferCounts {
  moving: number;
  still: number;
  failed: number;
  ended: number;
}

export function countTransfers(transfers: readonly Transfer[]): TransferCounts {
  const count = (...states: TransferState[]) =>
    transfers.filter((transfer) => states.includes(transfer.state)).length;
  return {
    moving: count('running'),
    still: count('waiting', 'paused'),
    failed: count('failed'),
    ended: count('done', 'cancelled'),
  };
}
