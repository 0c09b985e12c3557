import { generate } from 'lean-qr';

/** Cells that are free around a code: fewer than four, and some readers do not find it. */
const MARGIN = 4;

/** A QR code as a drawing: a path of its dark cells in a square of so many cells. */
export interface QrDrawing {
  cells: number;
  path: string;
}

/** The QR code of a text. */
export function qrDrawing(text: string): QrDrawing {
  const code = generate(text);
  const path: string[] = [];
  for (let y = 0; y < code.size; y += 1) {
    let x = 0;
    while (x < code.size) {
      let end = x;
      while (end < code.size && code.get(end, y)) {
        end += 1;
      }
      if (end > x) {
        path.push(`M${x + MARGIN},${y + MARGIN}h${end - x}v1h${x - end}z`);
      }
      x = end + 1;
    }
  }
  return { cells: code.size + 2 * MARGIN, path: path.join('') };
}
