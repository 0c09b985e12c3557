import type { ChosenNetwork, NetworkId } from '../../ipc/bindings';
import { messages } from '../../messages';

export const PHRASE_WORDS = 24;
/** Words asked for to see that they were written down. */
export const CHECKED_WORDS = 3;
const SHORTEST_PASSPHRASE = 8;

/** The words of a pasted phrase: numbers of a list and punctuation between them are no words. */
export function phraseWords(text: string): string[] {
  return text
    .toLowerCase()
    .split(/[\s,;]+/u)
    .map((word) => word.replace(/^\d+[.):]?/u, ''))
    .filter((word) => word !== '');
}

/** Why a passphrase cannot be used; undefined while it can. */
export function passphraseProblem(passphrase: string, again: string): { first?: string; second?: string } {
  if ([...passphrase].length < SHORTEST_PASSPHRASE) {
    return { first: messages.onboarding.passphraseShort };
  }
  return passphrase === again ? {} : { second: messages.onboarding.passphraseDiffers };
}

/** The network as the shell wants it; null while a file is still to be chosen. */
export function chosenNetwork(id: NetworkId | null, selection: string | null): ChosenNetwork | null {
  if (id === 'try_out') {
    return 'try_out';
  }
  return id === 'file' && selection !== null ? { selection } : null;
}

/** Which words to ask for, in their order; `random` gives values from 0 up to 1. */
export function pickWords(random: () => number, total = PHRASE_WORDS): number[] {
  const picked = new Set<number>();
  while (picked.size < Math.min(CHECKED_WORDS, total)) {
    picked.add(Math.min(total - 1, Math.floor(random() * total)));
  }
  return [...picked].toSorted((a, b) => a - b);
}
