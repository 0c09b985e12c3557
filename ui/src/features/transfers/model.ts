import type { StateWord } from '../../design/states';
import type { Transfer, TransferState, TransfersReport } from '../../ipc/bindings';
import { client } from '../../ipc/client';
import { formatBytes, formatCount, formatRate } from '../../lib/format';
import { formatRemaining, formatTime } from '../../lib/time';
import { messages } from '../../messages';
import { pausedWords } from '../status/model';

/** The state of a transfer as one of the fixed words, or as a plain one where none of them would be true. */
export type ShownState = { word: StateWord } | { text: string };

export function shownState(transfer: Transfer): ShownState {
  switch (transfer.state) {
    case 'waiting':
      return { word: 'waiting' };
    case 'paused':
      return { word: 'paused' };
    case 'failed':
      return { word: 'needsYou' };
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
export function transferReason(transfer: Transfer, report?: TransfersReport): string | null {
  const { noReason, downloadInTheWay, needsYou, never } = messages.transfers;
  switch (transfer.state) {
    case 'running':
      return stageWords(transfer);
    case 'waiting':
      return transfer.reason ?? noReason.waiting;
    case 'paused':
      // The end of a pause of all is more than the node says of each that it holds.
      return report?.paused_all === true && transfer.paused_with_all
        ? pausedWords(report)
        : (transfer.reason ?? noReason.paused);
    case 'failed': {
      // Where it is not known whether a repeat helps, the person may try.
      const isInTheWay = transfer.kind === 'download' && transfer.code === 'conflict';
      const next = transfer.retry === 'never' ? never : isInTheWay ? downloadInTheWay : needsYou;
      return `${transfer.reason ?? noReason.failed} ${next}`;
    }
    case 'done':
    case 'cancelled':
      return transfer.reason;
  }
}

/** The stage, with the parts that hosts have taken as soon as it is known how many there will be. */
function stageWords({ stage, done_shards: done, total_shards: total }: Transfer): string {
  const { stage: named, parts } = messages.transfers;
  const words = named[stage] ?? stage;
  return total > 0 ? `${words} · ${parts(formatCount(done), formatCount(total), total)}` : words;
}

/** Amounts, rate and remaining time: each only where it is known, the last only where it can be believed. */
export function transferFigures(transfer: Transfer, believedEtaS: number | null): string {
  const { progress, files, counting } = messages.transfers;
  const parts: string[] = [];
  if (transfer.total_bytes > 0) {
    parts.push(progress(formatBytes(transfer.done_bytes), formatBytes(transfer.total_bytes)));
  } else if (transfer.state === 'running') {
    parts.push(counting);
  }
  if (transfer.total_files > 1) {
    parts.push(files(formatCount(transfer.done_files), formatCount(transfer.total_files)));
  }
  if (transfer.state === 'running' && transfer.rate_bytes_per_s !== null) {
    parts.push(formatRate(transfer.rate_bytes_per_s));
  }
  if (transfer.state === 'running' && believedEtaS !== null) {
    parts.push(etaWords(believedEtaS));
  }
  if (transfer.finished !== null) {
    parts.push(formatTime(transfer.finished));
  }
  return parts.join(' · ');
}

const SOON_S = 45;

function etaWords(seconds: number): string {
  const { eta, etaSoon } = messages.transfers;
  return seconds < SOON_S ? etaSoon : eta(formatRemaining(seconds));
}

/** When a transfer that rests after a failure is tried again by itself. */
export function nextTryWords(nextTry: string, nowMs: number): string {
  const { triesIn, triesSoon } = messages.transfers;
  const seconds = (new Date(nextTry).getTime() - nowMs) / 1000;
  // What is no time is near: the node decides, and tells.
  return seconds >= SOON_S ? triesIn(formatRemaining(seconds)) : triesSoon;
}

export type TransferAction = 'pause' | 'resume' | 'retry' | 'cancel' | 'reveal';

/** What can be done with a transfer in its state; nothing is offered that would do nothing. */
export function actionsOf(transfer: Transfer): TransferAction[] {
  const byState: Record<TransferState, TransferAction[]> = {
    waiting: isResting(transfer) ? ['retry', 'pause', 'cancel'] : ['pause', 'cancel'],
    running: ['pause', 'cancel'],
    paused: ['resume', 'cancel'],
    failed: transfer.retry === 'never' ? ['cancel'] : ['retry', 'cancel'],
    done: transfer.kind === 'download' ? ['reveal'] : [],
    cancelled: [],
  };
  return byState[transfer.state];
}

/** Whether it waits because it failed: it is tried again by itself, or at once when the person says so. */
function isResting({ state, code }: Transfer): boolean {
  return state === 'waiting' && code !== null;
}

/** Those that can still be given up. */
export function unfinished(transfers: readonly Transfer[]): Transfer[] {
  return transfers.filter(({ state }) => state !== 'done' && state !== 'cancelled');
}

/** What can be done with all transfers at once; nothing is offered that would do nothing. */
export interface OfferedForAll {
  /** Something has failed that the same again could help, also where it would be tried again by itself. */
  retry: boolean;
  resume: boolean;
  pause: boolean;
  cancel: boolean;
  clear: boolean;
}

export function offeredForAll({ transfers, paused_all: isPaused }: TransfersReport): OfferedForAll {
  const isSome = (action: TransferAction) =>
    transfers.some((transfer) => actionsOf(transfer).includes(action));
  const open = unfinished(transfers);
  return {
    retry: isSome('retry'),
    resume: isPaused,
    pause: !isPaused && isSome('pause'),
    cancel: open.length > 0,
    // One that was cancelled is still being undone until it has an end.
    clear: transfers.some((transfer) => transfer.finished !== null && !open.includes(transfer)),
  };
}

/** For how long everything can be paused. */
export interface PauseSpan {
  id: string;
  text: string;
  pause: () => Promise<void>;
}

export function pauseSpans(): PauseSpan[] {
  const { span } = messages.transfers;
  return [
    { id: 'half', text: span.half, pause: () => client.transfersPauseFor({ minutes: 30 }) },
    { id: 'two', text: span.two, pause: () => client.transfersPauseFor({ minutes: 120 }) },
    { id: 'open', text: span.open, pause: () => client.transferPause({}) },
  ];
}

const URGENCY: Record<TransferState, number> = {
  failed: 0,
  running: 1,
  waiting: 2,
  paused: 3,
  done: 4,
  cancelled: 4,
};

/** What needs a look stands on top, then what moves, then what waits; of equals the next in turn, or the last to end. */
export function inOrder(transfers: readonly Transfer[]): Transfer[] {
  return transfers.toSorted((a, b) => {
    const byUrgency = URGENCY[a.state] - URGENCY[b.state];
    return byUrgency === 0 ? (a.finished === null ? a.id - b.id : b.id - a.id) : byUrgency;
  });
}

export interface TransferCounts {
  moving: number;
  still: number;
  failed: number;
  ended: number;
  /** What those that have not ended still have to move, as far as they know. */
  leftBytes: number;
}

export function countTransfers(transfers: readonly Transfer[]): TransferCounts {
  const count = (...states: TransferState[]) =>
    transfers.filter((transfer) => states.includes(transfer.state)).length;
  return {
    moving: count('running'),
    still: count('waiting', 'paused'),
    failed: count('failed'),
    ended: count('done', 'cancelled'),
    leftBytes: transfers
      .filter(({ state }) => state === 'running' || state === 'waiting' || state === 'paused')
      .reduce((sum, { done_bytes: done, total_bytes: total }) => sum + Math.max(0, total - done), 0),
  };
}
