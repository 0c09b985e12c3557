import type { ListedFile, RepairAnswer, RepairPlan } from '../../ipc/bindings';
import { formatBytes, formatCount } from '../../lib/format';
import { messages } from '../../messages';

/** Whether parts of it are lacking as far as is known. Of a folder nobody knows before its files are looked through. */
export function mayLackParts({ kind, health }: ListedFile): boolean {
  return kind === 'directory' || (health !== null && health.alive < health.total);
}

/** Whether a yes to this plan does anything. What has too few parts is worth a try: more hosts may answer. */
export function isWorthATry(plan: RepairPlan): boolean {
  return plan.shards > 0 || plan.short_segments > 0;
}

/** What a repair would do and what it lacks, a sentence each, with nothing promised that only a try can tell. */
export function planWords(what: string, plan: RepairPlan): string[] {
  const { repairPlan: text } = messages.library;
  const { shards, segments, shards_without_host: waiting } = plan;
  const { short_segments: short, segments_of_others: others } = plan;
  const words: string[] = [];
  if (shards > 0) {
    words.push(
      text.does(what, shards, formatCount(shards), segments, formatCount(segments)),
      text.moves(formatBytes(plan.read_bytes), formatBytes(plan.sent_bytes)),
    );
  }
  if (waiting > 0) {
    words.push(text.withoutHost(waiting, formatCount(waiting)));
  }
  if (short > 0) {
    words.push(text.short(short, formatCount(short)));
  }
  if (others > 0) {
    words.push(text.ofOthers(others, formatCount(others)));
  }
  return words.length === 0 ? [text.nothing(what)] : words;
}

/** What a repair did and what it left. */
export function repairWords(answer: RepairAnswer): string {
  const { repair: text } = messages.library;
  const { rebuilt } = answer;
  const left = (
    [
      [answer.segments_without_host, text.withoutHost],
      [answer.short_segments, text.short],
      [answer.busy_segments, text.busy],
      [answer.damaged_segments, text.damaged],
    ] as const
  )
    .filter(([count]) => count > 0)
    .map(([count, words]) => words(count, formatCount(count)));
  const done = rebuilt > 0 ? text.done(rebuilt, formatCount(rebuilt)) : text.nothing;
  return [done, ...left].join(' ');
}
