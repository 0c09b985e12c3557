import type { messages } from '../messages';

/** The fixed set of state words; shape and colour only repeat them. */
export type StateWord = keyof typeof messages.status.state;
