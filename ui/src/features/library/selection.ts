import type { ListedFile } from '../../ipc/bindings';
import { keyOf } from './model';

/** More than this cannot be chosen at once: every name crosses to the shell with the command. */
export const MAX_SELECTED = 5000;

/** More than this the shell does not queue downloads of with one command. */
export const MAX_DOWNLOADS = 500;

/** A row: which one it is, and its number when it was last seen. Rows that come or go above it change its number. */
export interface Spot {
  /** −1 before the first use. */
  index: number;
  /** Null where the row has not arrived, or is gone. */
  id: string | null;
}

export interface Selection {
  /** The row that the keyboard stands on. */
  cursor: Spot;
  /** Where a range begins. */
  anchor: Spot;
  chosen: ReadonlyMap<string, ListedFile>;
  /** The numbers of the chosen rows when they were last seen; none for those that are out of sight. */
  places: ReadonlyMap<string, number>;
}

/** Which of the rows that were looked for are there, and where. */
export interface Sighting {
  wanted: ReadonlyMap<string, number | undefined>;
  rows: ReadonlyMap<string, { file: ListedFile; index: number }>;
  total: number;
  /** Every row was seen: what is not among them is gone. */
  isAll: boolean;
}

export type SelectionAction =
  | { type: 'only'; index: number; file: ListedFile }
  | { type: 'toggle'; index: number; file: ListedFile }
  | { type: 'range'; index: number; from: number; files: readonly ListedFile[] }
  | { type: 'all'; files: readonly ListedFile[] }
  | { type: 'keep'; sighting: Sighting }
  | { type: 'move'; index: number; id: string | null }
  | { type: 'wait'; index: number }
  | { type: 'forget'; ids: readonly string[] }
  | { type: 'clear' }
  | { type: 'reset' };

const NOWHERE: Spot = { index: -1, id: null };

export const NOTHING_CHOSEN: Selection = {
  cursor: NOWHERE,
  anchor: NOWHERE,
  chosen: new Map(),
  places: new Map(),
};

const NONE = { chosen: NOTHING_CHOSEN.chosen, places: NOTHING_CHOSEN.places };

/** Rows that follow one another, of which the first has this number. */
function rowsFrom(from: number, files: readonly ListedFile[]): Pick<Selection, 'chosen' | 'places'> {
  const rows = files.slice(0, MAX_SELECTED);
  return {
    chosen: new Map(rows.map((file) => [keyOf(file), file])),
    places: new Map(rows.map((file, at) => [keyOf(file), from + at])),
  };
}

export function selectionReducer(now: Selection, action: SelectionAction): Selection {
  switch (action.type) {
    case 'only': {
      const spot = { index: action.index, id: keyOf(action.file) };
      return { cursor: spot, anchor: spot, ...rowsFrom(action.index, [action.file]) };
    }
    case 'toggle':
      return toggled(now, action.index, action.file);
    case 'range': {
      const last = action.files[action.index - action.from];
      const cursor = { index: action.index, id: last === undefined ? null : keyOf(last) };
      return { ...now, cursor, ...rowsFrom(action.from, action.files) };
    }
    case 'all':
      return { ...now, ...rowsFrom(0, action.files) };
    case 'keep':
      return kept(now, action.sighting);
    case 'move':
      return { ...now, cursor: { index: action.index, id: action.id } };
    // On a row that has not arrived: only when it has can it be chosen.
    case 'wait': {
      const spot = { index: action.index, id: null };
      return { cursor: spot, anchor: spot, ...NONE };
    }
    case 'forget':
      return without(now, new Set(action.ids));
    case 'clear':
      return { ...now, ...NONE };
    case 'reset':
      return NOTHING_CHOSEN;
  }
}

function toggled(now: Selection, index: number, file: ListedFile): Selection {
  const [chosen, places, key] = [new Map(now.chosen), new Map(now.places), keyOf(file)];
  if (!chosen.delete(key) && chosen.size < MAX_SELECTED) {
    chosen.set(key, file);
    places.set(key, index);
  }
  return { cursor: { index, id: key }, anchor: { index, id: key }, chosen, places };
}

/** What has gone is no longer chosen, and the keyboard stands on no row where it was. */
function without(now: Selection, ids: ReadonlySet<string>): Selection {
  const off = (spot: Spot): Spot => (spot.id !== null && ids.has(spot.id) ? { ...spot, id: null } : spot);
  const left = <Value>(of: ReadonlyMap<string, Value>) => new Map([...of].filter(([key]) => !ids.has(key)));
  return {
    cursor: off(now.cursor),
    anchor: off(now.anchor),
    chosen: left(now.chosen),
    places: left(now.places),
  };
}

/** Of what was chosen what is still there, as it is now; cursor and beginning of a range go where their rows went. */
function kept(now: Selection, sighting: Sighting): Selection {
  const { wanted, rows, isAll } = sighting;
  const [chosen, places] = [new Map(now.chosen), new Map(now.places)];
  for (const key of now.chosen.keys()) {
    const row = rows.get(key);
    if (row !== undefined) {
      chosen.set(key, row.file);
      places.set(key, row.index);
    } else if (wanted.has(key)) {
      places.delete(key);
      // Where not all rows were seen, a command on what is gone fails: it is given by id.
      if (isAll) {
        chosen.delete(key);
      }
    }
  }
  const cursor = followed(now.cursor, sighting) ?? {
    index: Math.min(now.cursor.index, sighting.total - 1),
    id: null,
  };
  return { cursor, anchor: followed(now.anchor, sighting) ?? cursor, chosen, places };
}

/** Where a row is now; null where it was looked for in vain. */
function followed(spot: Spot, { wanted, rows }: Sighting): Spot | null {
  if (spot.id === null || !wanted.has(spot.id)) {
    return spot;
  }
  const row = rows.get(spot.id);
  return row === undefined ? null : { index: row.index, id: spot.id };
}

/** The row that a key leads to; null for a key that does not move. */
export function movedCursor(key: string, cursor: number, total: number, rowsAPage: number): number | null {
  const clamp = (index: number) => Math.max(0, Math.min(total - 1, index));
  switch (key) {
    case 'ArrowDown':
      return clamp(cursor + 1);
    case 'ArrowUp':
      return clamp(cursor - 1);
    case 'PageDown':
      return clamp(cursor + rowsAPage);
    case 'PageUp':
      return clamp(cursor - rowsAPage);
    case 'Home':
      return 0;
    case 'End':
      return total - 1;
    default:
      return null;
  }
}
