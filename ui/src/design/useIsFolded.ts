import { mediaHook } from '../lib/mediaHook';

/** A window in which buttons that may do so show their icon only: as in the style sheet of the button. */
export const useIsFolded = mediaHook('(width < 66rem)');
