import type { Transfer } from '../ipc/bindings';

/** A rate must have been measured for so long before a remaining time is believed. */
const TRUSTED_AFTER_MS = 10_000;
/** The rates of this long decide whether the speed swings. */
const WINDOW_MS = 10_000;
/** Within the window the fastest may be this many times as fast as the slowest. */
const CALM_RATIO = 2;
/** A remaining time that changes more often is no help. */
const RENEWED_EVERY_MS = 1000;

/** What was measured of one transfer, and the remaining time that is shown of it. */
export interface EtaWatch {
  measuredSinceMs: number;
  rates: readonly { atMs: number; rate: number }[];
  shownAtMs: number;
  /** Null while nothing honest can be said. */
  shownS: number | null;
}

/** Follows the rate of a transfer by one report; undefined while none is measured. */
export function watchEta(
  before: EtaWatch | undefined,
  transfer: Transfer,
  nowMs: number,
): EtaWatch | undefined {
  const { rate_bytes_per_s: rate, eta_s: eta } = transfer;
  if (transfer.state !== 'running' || rate === null || eta === null) {
    return undefined;
  }
  const recent = (before?.rates ?? []).filter(({ atMs }) => nowMs - atMs < WINDOW_MS);
  // Nothing is measured while the window is hidden: what was known before says nothing about now.
  const since = recent.length === 0 ? nowMs : (before?.measuredSinceMs ?? nowMs);
  const rates = [...recent, { atMs: nowMs, rate }];
  const speeds = rates.map((sample) => sample.rate);
  const isCalm = Math.max(...speeds) <= CALM_RATIO * Math.min(...speeds);
  const isTrusted = nowMs - since >= TRUSTED_AFTER_MS;
  if (!isCalm || !isTrusted) {
    return { measuredSinceMs: since, rates, shownAtMs: nowMs, shownS: null };
  }
  const keeps = before !== undefined && before.shownS !== null && nowMs - before.shownAtMs < RENEWED_EVERY_MS;
  return {
    measuredSinceMs: since,
    rates,
    shownAtMs: keeps ? before.shownAtMs : nowMs,
    shownS: keeps ? before.shownS : eta,
  };
}

export type EtaWatches = Readonly<Record<number, EtaWatch>>;

/** The same for all transfers of a report; those that no longer move are forgotten. */
export function watchEtas(before: EtaWatches, transfers: readonly Transfer[], nowMs: number): EtaWatches {
  const watches: Record<number, EtaWatch> = {};
  for (const transfer of transfers) {
    const watch = watchEta(before[transfer.id], transfer, nowMs);
    if (watch !== undefined) {
      watches[transfer.id] = watch;
    }
  }
  return watches;
}
