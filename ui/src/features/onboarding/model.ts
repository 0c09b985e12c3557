import type { ChosenNetwork, NetworkId, RestoreSource } from '../../ipc/bindings';
import { messages } from '../../messages';
import { isBeginning, isWord, meantWord } from './wordlist';

export const PHRASE_WORDS = 24;
/** Words asked for to see that they were written down. */
const CHECKED_WORDS = 3;
const SHORTEST_PASSPHRASE = 8;

/** The words of a pasted phrase: numbers of a list and punctuation between them are no words. */
export function phraseWords(text: string): string[] {
  return text
    .toLowerCase()
    .split(/[\s,;]+/u)
    .map((word) => word.replace(/^\d+[.):]?/u, ''))
    .filter((word) => word !== '');
}

/** A word of a phrase that cannot be right. */
export interface WordProblem {
  /** From 0. */
  index: number;
  word: string;
  /** What was most likely meant. */
  meant?: string;
}

/** The words that are not in the list. One that is still being typed gets its time. */
export function wordProblems(text: string): WordProblem[] {
  const words = phraseWords(text);
  const isTyping = /[a-z]$/iu.test(text) && words.length < PHRASE_WORDS;
  return words.flatMap((word, index) => {
    const isUnfinished = isTyping && index === words.length - 1 && isBeginning(word);
    if (isWord(word) || isUnfinished) {
      return [];
    }
    const meant = meantWord(word);
    return [{ index, word, ...(meant === undefined ? {} : { meant }) }];
  });
}

/** The phrase with one of its words put right; the rest is spaced evenly. */
export function withWord(text: string, index: number, word: string): string {
  return `${phraseWords(text).with(index, word).join(' ')} `;
}

/** What is typed and chosen to restore from; both ways keep what they hold. */
export interface TypedSource {
  kind: 'phrase' | 'sealed';
  phrase: string;
  selection: string | null;
  passphrase: string;
}

export const NO_SOURCE: TypedSource = { kind: 'phrase', phrase: '', selection: null, passphrase: '' };

/** The source as the shell wants it; null while it is not complete. */
export function restoreSource(typed: TypedSource): RestoreSource | null {
  if (typed.kind === 'sealed') {
    const { selection, passphrase } = typed;
    return selection === null || passphrase === '' ? null : { sealed: { selection, passphrase } };
  }
  const words = phraseWords(typed.phrase);
  const isWhole = words.length === PHRASE_WORDS && wordProblems(typed.phrase).length === 0;
  return isWhole ? { phrase: words.join(' ') } : null;
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
