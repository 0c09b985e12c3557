import { describe, expect, it } from 'vitest';

import { fakeFile, fakeHealth, fakeInfo } from '../../testing/fakeLibrary';
import { fakeCheck } from '../../testing/fakeReports';
import {
  chanceWords,
  checkWords,
  countShards,
  crumbsOf,
  durabilityWords,
  fileState,
  keyOf,
  nameProblem,
  nextSorting,
  stateTitle,
} from './model';

const withHealth = (alive: number) => fakeFile({ name: '/a', health: fakeHealth(alive) });

describe('the state of a file', () => {
  it.each([
    [30, 'safe'],
    [17, 'safe'],
    [16, 'atRisk'],
    [10, 'atRisk'],
    [9, 'needsYou'],
    [0, 'needsYou'],
  ])('with %d of 30 parts is %s', (alive, state) => {
    expect(fileState(withHealth(alive))).toBe(state);
  });

  it('waits for a check where the last one is long ago, however many parts there were', () => {
    const file = fakeFile({ name: '/a', health: { ...fakeHealth(30), state: 'waiting' }, durability: 1e-9 });
    expect(fileState(file)).toBe('waiting');
    expect(durabilityWords(file)).toMatch(/^Waiting for a check: for 14 days too few hosts/u);
    expect(stateTitle(file)).toBe(durabilityWords(file));
    expect(chanceWords(fakeInfo(file))).toBeNull();
  });

  it('is not claimed where there is nothing to keep', () => {
    expect(fileState(fakeFile({ name: '/a', health: null }))).toBeNull();
    expect(durabilityWords(fakeFile({ name: '/a', health: null }))).toBeNull();
  });

  it('writes large numbers in groups', () => {
    const health = { ...fakeHealth(28), alive: 4000, needed: 1000 };
    expect(durabilityWords(fakeFile({ name: '/a', health }))).toBe(
      'It survives the loss of any 3,000 of its 4,000 stored parts.',
    );
  });

  it('says of its one part that it is not there in words that count nothing', () => {
    expect(checkWords(fakeCheck({ passed: 0, missing: 1 }), true)).toMatch(
      /^its one part is not there whole; 1 missing\./u,
    );
  });

  it('says in words what may be lost, and never more than is stored', () => {
    expect(durabilityWords(withHealth(28))).toBe('It survives the loss of any 18 of its 28 stored parts.');
    expect(durabilityWords(withHealth(11))).toBe('It survives the loss of any one of its 11 stored parts.');
    expect(durabilityWords(withHealth(10))).toContain('One more lost part');
    expect(durabilityWords(withHealth(9))).toContain('fewer parts are there than it needs');
  });
});

const about = (durability: number | null, assumed = false, health = fakeHealth(30)) => {
  const info = fakeInfo(fakeFile({ name: '/a', health, durability }));
  return chanceWords({ ...info, model: { ...info.model, assumed } });
};

describe('the chance to lose a file', () => {
  it.each([
    [0.5, '2'],
    [0.3, '3'],
    [4.6e-3, '200'],
    [1.7e-4, '5,000'],
    [7.3e-6, '100 thousand'],
    [1e-9, '1 billion'],
    [3.4e-9, '100 million'],
    [1.8e-15, '100 trillion'],
    [2e-17, '10,000 trillion'],
    [1.1e-18, '100,000 trillion'],
  ])('of %d is said in one digit, rounded to the worse, and never as none', (durability, odds) => {
    expect(about(durability)).toBe(`The chance to lose it within a year is about 1 in ${odds}.`);
  });

  it.each([1e-18, 0])('of %d is a bound, not about one', (durability) => {
    const least = 'the chance to lose it within a year is less than 1 in a million million million.';
    expect(about(durability)).toBe(`T${least.slice(1)}`);
    expect(about(durability, true)).toBe(`By what is assumed of hosts, ${least}`);
  });

  it('says when it is assumed, and when it is high', () => {
    expect(about(3.4e-9, true)).toBe(
      'By what is assumed of hosts, the chance to lose it within a year is about 1 in 100 million.',
    );
    expect(about(0.86)).toBe('It is more likely than not to be lost within a year.');
  });

  it('is not told where there is nothing to lose, or nothing left', () => {
    expect(about(null)).toBeNull();
    expect(about(1)).toBeNull();
    expect(about(0.2, false, fakeHealth(9))).toBeNull();
  });
});

describe('shards', () => {
  it('are counted, ordered and said in words', () => {
    const [segment] = fakeInfo(withHealth(28)).weakest;
    if (segment === undefined) {
      throw new Error('no segment');
    }
    const count = countShards(segment);
    expect(count).toMatchObject({ stored: 28, needed: 10, total: 30 });
    expect(count.cells.map((cell) => cell.state).slice(27)).toEqual(['healthy', 'corrupt', 'missing']);
    expect(count.text).toBe('28 of 30 parts stored, 1 damaged, 1 missing. Any 10 bring it back.');
  });
});

describe('the words of a check', () => {
  it('call whole only what is, and name what is not', () => {
    expect(checkWords(fakeCheck(), true)).toBe('all 30 parts are there, and whole.');
    const poor = fakeCheck({ passed: 26, missing: 2, corrupt: 1, unreachable: 1 });
    expect(checkWords(poor, true)).toContain(
      '26 of 30 parts are there, and whole; 2 missing, 1 damaged, 1 out of reach.',
    );
    expect(checkWords({ ...poor, corrupt: 0, unreachable: 0 }, true)).toContain(
      '26 of 28 parts are there, and whole; 2 missing.',
    );
    expect(checkWords(fakeCheck({ passed: 0 }), true)).toBe('there are no parts to check.');
  });

  it('call nothing whole of which only a sample was proven', () => {
    expect(checkWords(fakeCheck({ passed: 10 }), false)).toBe('all 10 parts are proven to be there.');
    expect(checkWords(fakeCheck({ passed: 9, unreachable: 1 }), false)).toMatch(
      /^9 of 10 parts are proven to be there; 1 out of reach\./u,
    );
  });

  it('blame no host while none answers', () => {
    const words = checkWords(fakeCheck({ passed: 0, unreachable: 30, nobody_answered: true }), false);
    expect(words).toBe(
      'no host answered. Your own connection may be away, so nothing is held against any. Check again later.',
    );
  });

  it.each([true, false])('say what cannot be brought back, whatever was asked for (%s)', (isThorough) => {
    expect(checkWords(fakeCheck({ passed: 0, short_segments: 1 }), isThorough)).toBe(
      'cannot be brought back in full now: one segment has fewer parts on hosts than it needs.',
    );
    expect(checkWords(fakeCheck({ passed: 26, missing: 2, short_segments: 2 }), isThorough)).toBe(
      'cannot be brought back in full now: 2 segments have fewer parts on hosts than they need. Of the 28 parts that could be asked for, 26 are there; 2 missing.',
    );
  });
});

describe('sorting', () => {
  it('turns round on a second press and begins with the largest where that is meant', () => {
    const byName = { sort: 'name', isDescending: false } as const;
    expect(nextSorting(byName, 'name')).toEqual({ sort: 'name', isDescending: true });
    expect(nextSorting(byName, 'size')).toEqual({ sort: 'size', isDescending: true });
    expect(nextSorting(byName, 'health')).toEqual({ sort: 'health', isDescending: false });
  });
});

describe('names and ways', () => {
  it('gives every folder on the way its own path', () => {
    expect(crumbsOf('')).toEqual([{ name: 'Library', dir: '' }]);
    expect(crumbsOf('/photos/2026')).toEqual([
      { name: 'Library', dir: '' },
      { name: 'photos', dir: '/photos' },
      { name: '2026', dir: '/photos/2026' },
    ]);
  });

  it('refuses names that would be another path', () => {
    expect(nameProblem('a/b')).toContain('/');
    expect(nameProblem('  ')).toContain('at least one');
    expect(nameProblem('größe.txt')).toBeUndefined();
  });

  it('tells entries of the trash with one name apart', () => {
    expect(keyOf(fakeFile({ name: '/a', id: '1' }))).not.toBe(keyOf(fakeFile({ name: '/a', id: '2' })));
  });
});
