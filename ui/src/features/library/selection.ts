import type { ListedFile } from '../../ipc/bindings';
import { keyOf } from './model';

/** More than this cannot be chosen at once: every name crosses to the shell with the command. */
export const MAX_SELECTED = 5000;

/** More than this the shell does not queue downloads of with one command. */
export const MAX_DOWNLOADS = 500;

export interface Selection {
  /** The row that the keyboard stands on; −1 before the first use. */
  cursor: number;
  /** Where a range begins. */
  anchor: number;
  chosen: ReadonlyMap<string, ListedFile>;
}

export type SelectionAction =
  | { type: 'only'; index: number; file: ListedFile }
  | { type: 'toggle'; index: number; file: ListedFile }
  | { type: 'range'; index: number; files: readonly ListedFile[] }
  | { type: 'all'; files: readonly ListedFile[] }
  | { type: 'keep'; files: readonly ListedFile[] }
  | { type: 'move'; index: number }
  | { type: 'wait'; index: number }
  | { type: 'clear' }
  | { type: 'reset' };

export const NOTHING_CHOSEN: Selection = { cursor: -1, anchor: -1, chosen: new Map() };

function byKey(files: readonly ListedFile[]): Map<string, ListedFile> {
  return new Map(files.map((file) => [keyOf(file), file]));
}

export function selectionReducer(now: Selection, action: SelectionAction): Selection {
  switch (action.type) {
    case 'only':
      return { cursor: action.index, anchor: action.index, chosen: byKey([action.file]) };
    case 'toggle': {
      const chosen = new Map(now.chosen);
      const key = keyOf(action.file);
      if (!chosen.delete(key) && chosen.size < MAX_SELECTED) {
        chosen.set(key, action.file);
      }
      return { cursor: action.index, anchor: action.index, chosen };
    }
    case 'range':
      return { ...now, cursor: action.index, chosen: byKey(action.files.slice(0, MAX_SELECTED)) };
    case 'all':
      return { ...now, chosen: byKey(action.files.slice(0, MAX_SELECTED)) };
    // Of what is chosen only what is still there, as it is now.
    case 'keep':
      return { ...now, chosen: byKey(action.files.filter((file) => now.chosen.has(keyOf(file)))) };
    case 'move':
      return { ...now, cursor: action.index };
    // On a row that has not arrived: only when it has can it be chosen.
    case 'wait':
      return { cursor: action.index, anchor: action.index, chosen: new Map() };
    case 'clear':
      return { ...now, chosen: new Map() };
    case 'reset':
      return NOTHING_CHOSEN;
  }
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
