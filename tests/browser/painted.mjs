// What is really painted, held against what the page says it paints.

import { inflateSync } from 'node:zlib';

const CORNER = { x: 1, y: 1 };

/** The colour of one point of the picture. Of a picture of one point nothing was filtered: there is nothing beside it. */
async function painted(page) {
  const png = await page.screenshot({ animations: 'disabled', clip: { ...CORNER, width: 1, height: 1 } });
  const [, red, green, blue] = inflateSync(Buffer.concat([...dataOf(png)]));
  return `rgb(${red}, ${green}, ${blue})`;
}

/** The pixels of a picture, which PNG may cut into any number of chunks. */
function* dataOf(png) {
  const SIGNATURE = 8;
  const AROUND = 12;
  for (let at = SIGNATURE; at < png.length; at += png.readUInt32BE(at) + AROUND) {
    if (png.toString('latin1', at + 4, at + 8) === 'IDAT') {
      yield png.subarray(at + 8, at + 8 + png.readUInt32BE(at));
    }
  }
}

/** The background of what lies in the corner; null where something see-through covers it. */
function meant(page) {
  return page.evaluate(({ x, y }) => {
    let element = document.elementFromPoint(x, y) ?? document.documentElement;
    while (element !== null) {
      const colour = getComputedStyle(element).backgroundColor;
      if (colour !== 'rgba(0, 0, 0, 0)') {
        return colour.startsWith('rgb(') ? colour : null;
      }
      element = element.parentElement;
    }
    return 'nothing has a background';
  }, CORNER);
}

/** What the corner is, and what it should be. */
export async function corner(page) {
  const wanted = await meant(page);
  return { wanted, seen: wanted === null ? null : await painted(page) };
}
