import { wordlist } from '@scure/bip39/wordlists/english.js';

const WORDS = new Set(wordlist);

/** The list is made so that this many letters name a word. */
const TELLING_LETTERS = 4;

export function isWord(word: string): boolean {
  return WORDS.has(word);
}

/** Whether a word that is still being typed can become one of the list. */
export function isBeginning(letters: string): boolean {
  return wordlist.some((word) => word.startsWith(letters));
}

/** The word that was most likely meant; undefined where none is near or several are. */
export function meantWord(typed: string): string | undefined {
  const begin = typed.slice(0, TELLING_LETTERS);
  const sameBegin = begin.length === TELLING_LETTERS ? wordlist.filter((word) => word.startsWith(begin)) : [];
  const near = sameBegin.length > 0 ? sameBegin : wordlist.filter((word) => isOneSlip(typed, word));
  return near.length === 1 ? near[0] : undefined;
}

/** Whether one letter too many, missing, wrong, or two exchanged ones make the difference. */
function isOneSlip(typed: string, word: string): boolean {
  const shorter = Math.min(typed.length, word.length);
  let front = 0;
  while (front < shorter && typed[front] === word[front]) {
    front += 1;
  }
  let back = 0;
  while (back < shorter - front && typed.at(-1 - back) === word.at(-1 - back)) {
    back += 1;
  }
  const left = typed.slice(front, typed.length - back);
  const right = word.slice(front, word.length - back);
  const isExchanged = left.length === 2 && right === `${left[1]}${left[0]}`;
  return isExchanged || (left.length <= 1 && right.length <= 1);
}
