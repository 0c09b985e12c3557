import { describe, expect, it } from 'vitest';

import { fakeFile } from '../../testing/fakeLibrary';
import { MAX_SELECTED, movedCursor, NOTHING_CHOSEN, type Selection, selectionReducer } from './selection';

const files = Array.from({ length: 5 }, (_, index) => fakeFile({ name: `/${index}`, id: String(index) }));
const names = (selection: Selection) => [...selection.chosen.values()].map((file) => file.name);
const file = (index: number) => files[index] ?? fakeFile({ name: '/none' });

describe('the selection', () => {
  it('holds one row, then others as well, then all but one', () => {
    let selection = selectionReducer(NOTHING_CHOSEN, { type: 'only', index: 1, file: file(1) });
    expect(names(selection)).toEqual(['/1']);
    selection = selectionReducer(selection, { type: 'toggle', index: 3, file: file(3) });
    expect(names(selection)).toEqual(['/1', '/3']);
    selection = selectionReducer(selection, { type: 'toggle', index: 1, file: file(1) });
    expect(names(selection)).toEqual(['/3']);
    expect(selection).toMatchObject({ cursor: 1, anchor: 1 });
  });

  it('keeps the beginning of a range while its end moves', () => {
    let selection = selectionReducer(NOTHING_CHOSEN, { type: 'only', index: 1, file: file(1) });
    selection = selectionReducer(selection, { type: 'range', index: 3, files: files.slice(1, 4) });
    expect(names(selection)).toEqual(['/1', '/2', '/3']);
    expect(selection).toMatchObject({ cursor: 3, anchor: 1 });
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
    const renamed = { ...file(1), name: '/renamed' };
    const kept = selectionReducer(all, {
      type: 'keep',
      files: [renamed, file(4), fakeFile({ name: '/0', id: 'x' })],
    });
    expect(names(kept)).toEqual(['/renamed', '/4']);
  });

  it('is emptied with its place kept, or altogether', () => {
    const one = selectionReducer(NOTHING_CHOSEN, { type: 'only', index: 2, file: file(2) });
    expect(selectionReducer(one, { type: 'clear' })).toMatchObject({ cursor: 2 });
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
