import { mediaHook } from '../../lib/mediaHook';

/** A window in which folders have room beside the rows and the details. Below it nobody asks for them. */
export const useIsWide = mediaHook('(width >= 69rem)');
