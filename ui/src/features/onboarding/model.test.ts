import { describe, expect, it } from 'vitest';

import { WORDS } from '../../testing/fakeShell';
import {
  chosenNetwork,
  NO_SOURCE,
  passphraseProblem,
  phraseWords,
  pickWords,
  restoreSource,
  withWord,
  wordProblems,
} from './model';
import { meantWord } from './wordlist';

describe('a pasted phrase', () => {
  it.each([
    ['abandon Ability able', ['abandon', 'ability', 'able']],
    ['  1. abandon\n 2. ability\t3) able ', ['abandon', 'ability', 'able']],
    ['abandon, ability;able', ['abandon', 'ability', 'able']],
    ['1 abandon 2 ability', ['abandon', 'ability']],
    ['', []],
  ])('%j is %j', (text, words) => {
    expect(phraseWords(text)).toEqual(words);
  });
});

describe('a passphrase', () => {
  it('is long enough and typed twice', () => {
    expect(passphraseProblem('short', 'short').first).toContain('8 characters');
    expect(passphraseProblem('long enough', 'long enuogh').second).toContain('not the same');
    expect(passphraseProblem('long enough', 'long enough')).toEqual({});
  });
});

describe('the network', () => {
  it('is complete only with its file', () => {
    expect(chosenNetwork('try_out', null)).toBe('try_out');
    expect(chosenNetwork('file', null)).toBeNull();
    expect(chosenNetwork('file', 's')).toEqual({ selection: 's' });
    expect(chosenNetwork(null, 's')).toBeNull();
  });
});

describe('the words to check', () => {
  it('are three different ones in their order, whatever chance says', () => {
    const values = [0.99, 0.99, 0, 0.5, 0.1];
    const picked = pickWords(() => values.shift() ?? 0.3);
    expect(picked).toEqual([0, 12, 23]);
  });
});

describe('a typed word', () => {
  it('is wrong only when it can no longer become one of the list', () => {
    expect(wordProblems('aband')).toEqual([]);
    expect(wordProblems('aband ')).toEqual([{ index: 0, word: 'aband', meant: 'abandon' }]);
    expect(wordProblems('abandon xqz')).toEqual([{ index: 1, word: 'xqz' }]);
    expect(wordProblems([...WORDS.slice(0, 23), 'zo'].join(' ')).map(({ index }) => index)).toEqual([23]);
  });

  it.each([
    ['abandonn', 'abandon'],
    ['abadnon', 'abandon'],
    ['zooo', 'zoo'],
    ['kiwwi', 'kiwi'],
    ['xxxx', undefined],
    // Several are as near.
    ['bat', undefined],
  ])('%s is meant to be %s', (typed, meant) => {
    expect(meantWord(typed)).toBe(meant);
  });

  it('is put right in its place', () => {
    expect(withWord(' 1. abandon,\n abilty ', 1, 'ability')).toBe('abandon ability ');
  });
});

describe('the source of a restore', () => {
  const phrase = WORDS.join(' ');

  it('is the phrase once it is whole, in one space each', () => {
    expect(restoreSource({ ...NO_SOURCE, phrase: WORDS.join('\n') })).toEqual({ phrase });
    expect(restoreSource({ ...NO_SOURCE, phrase: WORDS.slice(1).join(' ') })).toBeNull();
    expect(restoreSource({ ...NO_SOURCE, phrase: `${phrase} zoo` })).toBeNull();
    expect(restoreSource({ ...NO_SOURCE, phrase: phrase.replace(WORDS[3] ?? '', 'xqz') })).toBeNull();
  });

  it('is the sealed file once it is chosen and has its passphrase', () => {
    const sealed = { ...NO_SOURCE, kind: 'sealed', phrase } as const;
    expect(restoreSource(sealed)).toBeNull();
    expect(restoreSource({ ...sealed, selection: 's' })).toBeNull();
    expect(restoreSource({ ...sealed, selection: 's', passphrase: 'p' })).toEqual({
      sealed: { selection: 's', passphrase: 'p' },
    });
  });
});
