import { describe, expect, it } from 'vitest';

import { ACCOUNT } from '../../testing/fakeMoney';
import { qrDrawing } from './qrPath';

/** The cells of a drawing that are dark. */
function dark({ cells, path }: { cells: number; path: string }): boolean[][] {
  const grid = Array.from({ length: cells }, () => Array.from({ length: cells }, () => false));
  for (const [, x, y, width] of path.matchAll(/M(\d+),(\d+)h(\d+)v1h-\d+z/gu)) {
    for (let step = 0; step < Number(width); step += 1) {
      const row = grid[Number(y)];
      if (row !== undefined) {
        row[Number(x) + step] = true;
      }
    }
  }
  return grid;
}

describe('the drawing of a QR code', () => {
  it('has a free margin of four cells, and in each of three corners a square that readers look for', () => {
    const drawing = qrDrawing(ACCOUNT);
    const grid = dark(drawing);
    const last = drawing.cells - 1;
    const isFree = (x: number, y: number) => grid[y]?.[x] === false;
    for (let at = 0; at <= last; at += 1) {
      for (let edge = 0; edge < 4; edge += 1) {
        expect([
          isFree(at, edge),
          isFree(at, last - edge),
          isFree(edge, at),
          isFree(last - edge, at),
        ]).toEqual([true, true, true, true]);
      }
    }
    const row = (x: number, y: number) => (grid[y] ?? []).slice(x, x + 7);
    const full = Array.from({ length: 7 }, () => true);
    for (const [x, y] of [
      [4, 4],
      [last - 10, 4],
      [4, last - 10],
    ] as const) {
      expect(row(x, y)).toEqual(full);
      expect(row(x, y + 1)).toEqual([true, false, false, false, false, false, true]);
      expect(row(x, y + 6)).toEqual(full);
    }
  });

  it('is another one for another text', () => {
    expect(qrDrawing('a').path).not.toBe(qrDrawing('b').path);
  });
});
