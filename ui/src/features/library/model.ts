import type { StateWord } from '../../design/states';
import type {
  CheckAnswer,
  FileDetails,
  LibrarySort,
  LibraryState,
  ListedFile,
  WeakSegment,
  ShardState,
} from '../../ipc/bindings';
import { baseName, formatCount, formatLarge, isolated, shortName } from '../../lib/format';
import { calendarDaysUntil } from '../../lib/time';
import { messages } from '../../messages';

/** Which rows the table shows. */
export interface LibraryView {
  /** Empty at the top. */
  dir: string;
  search: string;
  /** Only what is so; undefined is everything. */
  state: LibraryState | undefined;
  isTrash: boolean;
  sort: LibrarySort;
  isDescending: boolean;
}

export interface Sorting {
  sort: LibrarySort;
  isDescending: boolean;
}

/** Pressing the column that sorts already turns the order round; sizes and dates begin with the largest. */
export function nextSorting(now: Sorting, pressed: LibrarySort): Sorting {
  if (now.sort === pressed) {
    return { sort: pressed, isDescending: !now.isDescending };
  }
  return { sort: pressed, isDescending: pressed === 'size' || pressed === 'modified' };
}

/** Two entries of the trash can share a name, and a name can be given to another entry while this one is chosen. */
export function keyOf(file: ListedFile): string {
  return file.id;
}

/** The state of one file in one word; null where there is no content to lose. */
export function fileState(file: ListedFile): StateWord | null {
  if (file.health === null) {
    return null;
  }
  return WORD_OF[file.health.state];
}

/** Of one that is lost more hosts alone bring nothing back: only the person may still have it elsewhere. */
const WORD_OF: Record<NonNullable<ListedFile['health']>['state'], StateWord> = {
  safe: 'safe',
  waiting: 'waiting',
  at_risk: 'atRisk',
  lost: 'needsYou',
};

/** What a state needs to be told beside its word; undefined where the word says it all. */
export function stateTitle(file: ListedFile): string | undefined {
  const { lost, stale } = messages.library.details;
  const state = file.health?.state;
  return state === 'lost' ? lost : state === 'waiting' ? stale : undefined;
}

const DAY_MS = 86_400_000;

/**
 * How long the trash still keeps something. Days are whole ones: what goes for good must not be promised longer. The
 * last one goes by the calendar, where tomorrow may begin in a minute.
 */
export function timeLeftWords(expires: string, nowMs: number): string {
  const { days: daysLeft, today, tomorrow, due } = messages.library.trashLeft;
  const atMs = Date.parse(expires);
  if (Number.isNaN(atMs)) {
    return expires;
  }
  if (atMs <= nowMs) {
    return due;
  }
  const days = Math.floor((atMs - nowMs) / DAY_MS);
  if (days >= 1) {
    return daysLeft(days, formatCount(days));
  }
  return calendarDaysUntil(atMs, nowMs) === 0 ? today : tomorrow;
}

export interface Crumb {
  name: string;
  /** Empty for the top. */
  dir: string;
}

/** The way from the top to a directory. */
export function crumbsOf(dir: string): Crumb[] {
  const parts = dir.split('/').filter((part) => part !== '');
  return [
    { name: messages.library.root, dir: '' },
    ...parts.map((name, index) => ({ name, dir: `/${parts.slice(0, index + 1).join('/')}` })),
  ];
}

/** Why a new name cannot be used; undefined while it can. The node checks everything else. */
export function nameProblem(name: string): string | undefined {
  if (name.trim() === '') {
    return messages.library.rename.empty;
  }
  return name.includes('/') ? messages.library.rename.slash : undefined;
}

const SHARD_ORDER: Record<ShardState, number> = { healthy: 0, unreachable: 1, corrupt: 2, missing: 3 };

/** What a shard map shows of a segment. */
export interface ShardCount {
  stored: number;
  needed: number;
  total: number;
  /** One entry a shard, stored ones first so that the mark after k means something. */
  cells: { shard: number; state: ShardState }[];
  /** The same in words. */
  text: string;
}

export function countShards(segment: WeakSegment): ShardCount {
  const cells = segment.shards
    .map(({ index, state }) => ({ shard: index, state }))
    .toSorted((a, b) => SHARD_ORDER[a.state] - SHARD_ORDER[b.state]);
  const stored = cells.filter(({ state }) => state === 'healthy').length;
  const others = (['unreachable', 'corrupt', 'missing'] as const)
    .map((state) => ({ state, count: cells.filter((cell) => cell.state === state).length }))
    .filter(({ count }) => count > 0)
    .map(({ state, count }) => `${formatCount(count)} ${messages.library.shard[state]}`)
    .join(', ');
  const text = messages.library.shardMap(stored, segment.n, segment.k, others);
  return { stored, needed: segment.k, total: segment.n, cells, text };
}

/** What the loss of hosts would mean, in words and without promising more than is stored. */
export function durabilityWords(file: ListedFile): string | null {
  if (file.health === null) {
    return null;
  }
  if (file.health.state === 'lost') {
    return messages.library.details.lost;
  }
  if (file.health.state === 'waiting') {
    return messages.library.details.stale;
  }
  const spare = file.health.alive - file.health.needed;
  return spare === 0
    ? messages.library.details.survivesNone
    : messages.library.details.survives(spare, formatCount(spare), formatCount(file.health.alive));
}

/** Below this a chance is not told: the node tells none that is lower. */
const LEAST_CHANCE = 1e-18;

/**
 * The chance to lose a file within a year in words, in one digit that is rounded to the worse: a model knows no more. Null
 * where there is nothing to lose, and of what is lost already or was not looked at for long, which has its own words.
 */
export function chanceWords({ durability, health, model }: FileDetails): string | null {
  const { details } = messages.library;
  if (durability === null || durability >= 1 || health?.state === 'lost' || health?.state === 'waiting') {
    return null;
  }
  if (durability > 0.5) {
    return details.chanceHigh;
  }
  const sentence = model.assumed ? details.chanceAssumed : details.chance;
  if (durability <= LEAST_CHANCE) {
    return sentence(details.least);
  }
  // Of 1 in 10^9 the division may leave 999999999.99.
  const odds = (1 + 1e-9) / durability;
  const power = 10 ** Math.floor(Math.log10(odds));
  const rounded = odds < 10_000 ? formatCount(Math.floor(odds / power) * power) : formatLarge(power);
  return sentence(details.about(rounded));
}

/** What to call rows that something is done with: by name where it is one. */
export function nameOfChosen(files: readonly ListedFile[]): string {
  const [first] = files;
  return first !== undefined && files.length === 1
    ? isolated(shortName(baseName(first.name)))
    : messages.library.count(files.length, formatCount(files.length));
}

/** What the hosts answered, with nothing called whole of which only a sample was proven. */
export function checkWords(answer: CheckAnswer, isThorough: boolean): string {
  const { check, shard } = messages.library;
  const { passed, missing, corrupt, unreachable, short_segments: short } = answer;
  if (answer.nobody_answered) {
    return check.nobody;
  }
  const total = passed + missing + corrupt + unreachable;
  const others = (
    [
      [missing, shard.missing],
      [corrupt, shard.corrupt],
      [unreachable, shard.unreachable],
    ] as const
  )
    .filter(([count]) => count > 0)
    .map(([count, words]) => `${formatCount(count)} ${words}`)
    .join(', ');
  const counted = [formatCount(passed), total, formatCount(total), others] as const;
  if (short > 0) {
    const words = check.short(short, formatCount(short));
    return total === 0 ? words : `${words} ${check.beside(...counted)}`;
  }
  if (total === 0) {
    return check.nothing;
  }
  if (passed === total) {
    return (isThorough ? check.whole : check.proven)(total, formatCount(total));
  }
  return (isThorough ? check.some : check.someProven)(...counted);
}
