import type {
  AgreementInfo,
  AgreementsCheckReport,
  AgreementsReport,
  AgreementWindow,
  ProofDue,
  SpendingReport,
  SpendingSettings,
} from '../../ipc/bindings';
import { formatCount, plainName, plainSentence } from '../../lib/format';
import { isNothing, typedXlm } from '../../lib/money';
import { formatDay, formatTime } from '../../lib/time';
import { messages } from '../../messages';
import { type Read, type Reader, readForm } from '../limits/model';

export const LEAF_BYTES = 1024;
const DAY_MS = 86_400_000;
/** Digits of a lumen behind the point. */
const DIGITS = 7;
/** In the order in which a term goes by. */
const WINDOWS: readonly AgreementWindow[] = ['proven', 'missed', 'deciding', 'running', 'to_come'];

/** Agreements by what a person asks of them. What came to nothing is told to scripts only. */
export interface Sorted {
  asOwner: AgreementInfo[];
  asHost: AgreementInfo[];
  ended: AgreementInfo[];
}

/** Those that run by their ends, the soonest first; those that ended the latest first. */
export function sorted(agreements: readonly AgreementInfo[]): Sorted {
  const byEnd = agreements
    .filter(({ state }) => state !== 'dropped')
    .toSorted((a, b) => a.end.localeCompare(b.end) || Number(a.id) - Number(b.id));
  const runs = byEnd.filter(({ state }) => state !== 'ended');
  return {
    asOwner: runs.filter(({ role }) => role === 'owner'),
    asHost: runs.filter(({ role }) => role === 'host'),
    ended: byEnd.filter(({ state }) => state === 'ended').toReversed(),
  };
}

/** An agreement's other side, short enough for a line: the ends of ids tell them apart. */
export function otherSide({ role, host, owner }: AgreementInfo): string {
  return `…${plainName(role === 'owner' ? host : owner).slice(-12)}`;
}

/** When a window is to be proven, in words. */
export function proofDue({ from, until }: ProofDue): string {
  return messages.agreements.proofDue(formatTime(from), formatTime(until));
}

/** The proof that is due first among these agreements. */
export function firstProof(agreements: readonly AgreementInfo[]): ProofDue | undefined {
  const due = agreements.flatMap(({ next_proof: proof }) => (proof === undefined ? [] : [proof]));
  return due.toSorted((a, b) => a.until.localeCompare(b.until))[0];
}

/** How the windows of an agreement stand, in words. */
export function stripWords({ windows }: AgreementInfo): string {
  const text = messages.agreements;
  const parts = WINDOWS.map((window) => ({
    window,
    count: windows.filter((other) => other === window).length,
  })).filter(({ count }) => count > 0);
  return text.strip(
    formatCount(windows.length),
    parts.map(({ window, count }) => text.windowPart(formatCount(count), text.windows[window])).join(', '),
  );
}

/** An end of agreements on the runway. */
export interface RunwayEnd {
  at: string;
  count: number;
  /** How far it is from now, of the way to the last one: 0 to 1. */
  part: number;
}

/** When what is paid for ends, the soonest first; each moment once. */
export function runwayEnds(report: AgreementsReport): RunwayEnd[] {
  const counts = new Map<string, number>();
  for (const { end } of sorted(report.agreements).asOwner) {
    counts.set(end, (counts.get(end) ?? 0) + 1);
  }
  const now = Date.parse(report.now);
  const ends = [...counts].toSorted(([a], [b]) => a.localeCompare(b));
  const last = Math.max(now + DAY_MS, ...ends.map(([at]) => Date.parse(at)));
  return ends.map(([at, count]) => ({
    at,
    count,
    part: Math.max(0, Math.min(1, (Date.parse(at) - now) / (last - now))),
  }));
}

/** The same in words. */
export function runwayWords(ends: readonly RunwayEnd[]): string {
  const { runway } = messages.agreements;
  return runway.ends(ends.map(({ count, at }) => runway.end(formatCount(count), formatDay(at))).join(', '));
}

/**
 * The rent of one more term, in decimal lumens, with the hosts that are paid now: at what each stores and asks now. Of each
 * host the agreement that ends last counts, so that a next term that is agreed on already is not counted twice. Null
 * where nothing runs.
 */
export function nextTermXlm(report: AgreementsReport): string | null {
  const now = Date.parse(report.now);
  const runs = sorted(report.agreements).asOwner.filter(({ end }) => Date.parse(end) > now);
  const lasts = new Map(runs.map((agreement) => [agreement.host, agreement]));
  if (lasts.size === 0) {
    return null;
  }
  const stroops = [...lasts.values()].reduce(
    (sum, { window_rent_xlm: rent, windows_total: windows }) => sum + stroopsOf(rent) * BigInt(windows),
    0n,
  );
  const digits = stroops.toString().padStart(DIGITS + 1, '0');
  return `${digits.slice(0, -DIGITS)}.${digits.slice(-DIGITS)}`;
}

/** A decimal amount of the node to the last digit, which a number of the page could not hold. */
function stroopsOf(xlm: string): bigint {
  const [whole = '', part = ''] = xlm.split('.');
  return BigInt(`${whole}${part.padEnd(DIGITS, '0')}`);
}

/** Whether its next term can be agreed on now. */
export function isRenewable({ role, state, renewable_from: from, end }: AgreementInfo, now: string): boolean {
  return role === 'owner' && (state === 'active' || state === 'ending') && from <= now && now < end;
}

/** What may be spent, as it is typed. */
export interface SpendingForm {
  price: string;
  cap: string;
}

export function spendingFormOf(limits: SpendingReport): SpendingForm {
  return { price: limits.max_price_xlm_per_gib_month, cap: limits.monthly_cap_xlm };
}

function amount(ask: (xlm: string) => SpendingSettings): Reader<SpendingSettings> {
  return (text) => {
    const xlm = typedXlm(text);
    return xlm === null ? messages.money.wrong : ask(xlm);
  };
}

const READERS: Record<keyof SpendingForm, Reader<SpendingSettings>> = {
  price: amount((xlm) => ({ max_price_xlm_per_gib_month: xlm })),
  cap: amount((xlm) => ({ monthly_cap_xlm: xlm })),
};

/** What is new in the form. */
export function readSpending(
  form: SpendingForm,
  limits: SpendingReport,
): Read<keyof SpendingForm, SpendingSettings> {
  return readForm({ ...form }, { ...spendingFormOf(limits) }, READERS);
}

/** Whether nothing may be spent. */
export function isNothingAllowed(limits: SpendingReport): boolean {
  return isNothing(limits.max_price_xlm_per_gib_month) || isNothing(limits.monthly_cap_xlm);
}

/** What was done, a sentence each. */
export function reportWords(report: AgreementsCheckReport, xlm: (amount: string) => string): string[] {
  const { report: text } = messages.agreements;
  const { opened, windows_proven: proven, windows_missed: missed, settled } = report;
  const words = [
    ...(opened > 0 ? [text.opened(opened, formatCount(opened), xlm(report.deposited_xlm))] : []),
    ...(proven > 0 ? [text.proven(formatCount(proven))] : []),
    ...(missed > 0 ? [text.missed(formatCount(missed))] : []),
    ...(settled > 0 ? [text.settled(formatCount(settled))] : []),
  ];
  return words.length === 0 ? [text.nothing] : words;
}

/** What was not possible, each with whom. */
export function obstacleWords({ obstacles }: AgreementsCheckReport): string[] {
  return obstacles.map(({ host, reason }) =>
    host === undefined
      ? plainSentence(reason)
      : messages.agreements.report.obstacle(`…${plainName(host).slice(-12)}`, plainSentence(reason)),
  );
}
