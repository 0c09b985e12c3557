// Paths of a plot that goes in steps. No library: d3-scale brings d3-color, which writes to what the window freezes.

export interface Position {
  x: number;
  y: number;
}

/** About how many steps the top is a round number of: more would leave it less round, fewer the plot lower. */
const ROUNDING = 4;

/** The next round number at or above a positive one. */
export function roundTop(most: number): number {
  const rough = most / ROUNDING;
  const power = 10 ** Math.floor(Math.log10(rough));
  const size = rough / power;
  // The nearest of 1, 2, 5 and 10 by ratio.
  const factor = size < Math.SQRT2 ? 1 : size < Math.sqrt(10) ? 2 : size < Math.sqrt(50) ? 5 : 10;
  const step = factor * power;
  return Math.ceil(most / step) * step;
}

/** A line that comes to each height before it goes on to its place. */
export function steps(positions: readonly Position[]): string {
  return positions.map(({ x, y }, index) => (index === 0 ? `M${x},${y}` : `V${y}H${x}`)).join('');
}

/** The area between such a line and a height below it. */
export function stepsDownTo(bottom: number, positions: readonly Position[]): string {
  const first = positions[0];
  return first === undefined
    ? ''
    : `${steps([{ x: first.x, y: bottom }, { ...first }, ...positions.slice(1)])}V${bottom}Z`;
}
