import { describe, expect, it } from 'vitest';

import type { ListedFile } from '../../ipc/bindings';
import { fakeFile } from '../../testing/fakeLibrary';
import {
  MAX_SELECTED,
  movedCursor,
  NOTHING_CHOSEN,
  type Selection,
  selectionReducer,
  type Sighting,
} from './selection';

const files = Array.from({ length: 5 }, (_, index) => fakeFile({ name: `/${index}`, id: String(index) }));
const names = (selection: Selection) => [...selection.chosen.values()].map((file) => file.name);
const file = (index: number) => files[index] ?? fakeFile({ name: '/none' });

const seen = (rows: { file: ListedFile; index: number }[], isAll: boolean): Sighting => ({
  wanted: new Map(files.map(({ id }, index) => [id, index])),
  rows: new Map(rows.map((row) => [row.file.id, row])),
  total: 9,
  isAll,
});

describe('the selection', () => {
  it('holds one row, then others as well, then all but one', () => {
    let selection = selectionReducer(NOTHING_CHOSEN, { type: 'only', index: 1, file: file(1) });
    expect(names(selection)).toEqual(['/1']);
    selection = selectionReducer(selection, { type: 'toggle', index: 3, file: file(3) });
    expect(names(selection)).toEqual(['/1', '/3']);
    selection = selectionReducer(selection, { type: 'toggle', index: 1, file: file(1) });
    expect(names(selection)).toEqual(['/3']);
    expect(selection).toMatchObject({ cursor: { index: 1, id: '1' }, anchor: { index: 1, id: '1' } });
  });

  it('keeps the beginning of a range while its end moves', () => {
    let selection = selectionReducer(NOTHING_CHOSEN, { type: 'only', index: 1, file: file(1) });
    selection = selectionReducer(selection, { type: 'range', index: 3, from: 1, files: files.slice(1, 4) });
    expect(names(selection)).toEqual(['/1', '/2', '/3']);
    expect(selection).toMatchObject({ cursor: { index: 3, id: '3' }, anchor: { index: 1, id: '1' } });
  });

  it('never grows without end', () => {
    const many = Array.from({ length: MAX_SELECTED + 1 }, (_, index) =>
      fakeFile({ name: `/${index}`, id: String(index) }),
    );
    const full = selectionReducer(NOTHING_CHOSEN, { type: 'all', files: many });
    expect(full.chosen.size).toBe(MAX_SELECTED);
    const next = selectionReducer(full, { type: 'toggle', index: 0, file: fakeFile({ name: '/more' }) });
    expect(next.chosen.size).toBe(MAX_SELECTED);
  });

  it('loses what is gone, and takes what is left as it is now', () => {
    const all = selectionReducer(NOTHING_CHOSEN, { type: 'all', files });
    const rows = [
      { file: { ...file(1), name: '/renamed' }, index: 5 },
      { file: file(4), index: 8 },
    ];
    const kept = selectionReducer(all, { type: 'keep', sighting: seen(rows, true) });
    expect(names(kept)).toEqual(['/renamed', '/4']);
    expect([...kept.places.values()]).toEqual([5, 8]);
    const partly = selectionReducer(all, { type: 'keep', sighting: seen(rows, false) });
    expect(names(partly)).toEqual(['/0', '/renamed', '/2', '/3', '/4']);
  });

  it('keeps what was chosen while it was looked for the others', () => {
    const later = selectionReducer(NOTHING_CHOSEN, {
      type: 'only',
      index: 7,
      file: fakeFile({ name: '/l', id: 'l' }),
    });
    expect(names(selectionReducer(later, { type: 'keep', sighting: seen([], true) }))).toEqual(['/l']);
  });

  it('moves cursor and beginning of a range with their rows, and off those that are gone', () => {
    let selection = selectionReducer(NOTHING_CHOSEN, { type: 'only', index: 1, file: file(1) });
    selection = selectionReducer(selection, { type: 'range', index: 3, from: 1, files: files.slice(1, 4) });
    const both = [1, 3].map((index) => ({ file: file(index), index: index + 2 }));
    expect(selectionReducer(selection, { type: 'keep', sighting: seen(both, true) })).toMatchObject({
      anchor: { index: 3, id: '1' },
      cursor: { index: 5, id: '3' },
    });
    expect(selectionReducer(selection, { type: 'keep', sighting: seen(both.slice(1), true) })).toMatchObject({
      anchor: { index: 5, id: '3' },
      cursor: { index: 5, id: '3' },
    });
  });

  it('is emptied with its place kept, or altogether', () => {
    const one = selectionReducer(NOTHING_CHOSEN, { type: 'only', index: 2, file: file(2) });
    expect(selectionReducer(one, { type: 'clear' })).toMatchObject({ cursor: { index: 2, id: '2' } });
    expect(selectionReducer(one, { type: 'clear' }).chosen.size).toBe(0);
    expect(selectionReducer(one, { type: 'reset' })).toEqual(NOTHING_CHOSEN);
  });
});

describe('the cursor', () => {
  it.each([
    ['ArrowDown', -1, 0],
    ['ArrowDown', 9, 9],
    ['ArrowUp', 0, 0],
    ['PageDown', 2, 6],
    ['PageUp', 2, 0],
    ['Home', 7, 0],
    ['End', 2, 9],
    ['x', 2, null],
  ] as const)('%s from %d leads to %s', (key, from, to) => {
    expect(movedCursor(key, from, 10, 4)).toBe(to);
  });
});
