/** Sizes of the text in percent, which the shell gives the whole window. */
export const ZOOM_STEPS: readonly number[] = [100, 125, 150, 175, 200];

export type ZoomKey = 'larger' | 'smaller' | 'usual';

/** Which size a key leads to; from a size between two steps to the next one. */
export function zoomAfter(now: number, key: ZoomKey): number {
  switch (key) {
    case 'larger':
      return ZOOM_STEPS.find((step) => step > now) ?? now;
    case 'smaller':
      return ZOOM_STEPS.findLast((step) => step < now) ?? now;
    case 'usual':
      return 100;
  }
}

/** The steps, and the present size where it is none of them: the settings can be changed outside of the window. */
export function zoomChoices(now: number): number[] {
  return [...new Set([...ZOOM_STEPS, now])].toSorted((a, b) => a - b);
}
