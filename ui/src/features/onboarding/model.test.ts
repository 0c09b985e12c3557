import { describe, expect, it } from 'vitest';

import { chosenNetwork, passphraseProblem, phraseWords, pickWords } from './model';

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
