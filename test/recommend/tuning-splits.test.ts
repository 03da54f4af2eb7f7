import fc from 'fast-check';
import { expect, test } from 'vitest';
import { planSplits, type SplitName } from '../../src/recommend/tuning-splits.ts';
import type { TokenSequences } from '../../src/vectors/vocabulary.ts';
import { sequences } from '../vectors/two-genres.ts';

/** Playlists without a track in common, in groups of one to three, so that a track tells its group. */
const corpora = fc
  .array(fc.record({ snapshots: fc.integer({ min: 1, max: 3 }), length: fc.integer({ min: 1, max: 25 }) }), {
    minLength: 60,
    maxLength: 120,
  })
  .map((made) => {
    const lists: number[][] = [];
    const groups: number[] = [];
    for (const [group, { snapshots, length }] of made.entries()) {
      for (let snapshot = 0; snapshot < snapshots; snapshot++) {
        // Every playlist has twelve tracks that many have, else nothing hidden would be known.
        lists.push([
          ...Array.from({ length: 12 }, (_, at) => at),
          ...Array.from({ length }, (_, at) => 100 + group * 30 + at),
        ]);
        groups.push(group * 7 + 3);
      }
    }
    return { corpus: sequences(lists), groups };
  });
const STAGES = [
  ...[0, 1, 2, 3].flatMap((fold): SplitName[] => [
    { stage: 'search', fold, run: 0 },
    { stage: 'confirm', fold, run: 0 },
  ]),
  { stage: 'test', fold: 0, run: 0 } as const,
];
const groupsOf = (tokens: Iterable<number>) =>
  new Set([...tokens].filter((token) => token >= 100).map((token) => Math.floor((token - 100) / 30)));
const heldGroups = (cases: readonly { seeds: readonly number[]; hidden: ReadonlySet<number> }[]) =>
  groupsOf(cases.flatMap(({ seeds, hidden }) => [...seeds, ...hidden]));

test('no group is learned from and asked for; folds share no case; the test is of playlists that no other split has', () => {
  fc.assert(
    fc.property(corpora, fc.nat(50), fc.constantFrom(1e6, 1500), ({ corpus, groups }, seed, sampleTokens) => {
      const splits = planSplits(corpus, groups, { seed, sampleTokens });
      const made = new Map(STAGES.map((name) => [name, splits.make(name)]));
      const test = new Set(made.get(STAGES.at(-1)!)!.cases.flatMap(({ seeds }) => [...groupsOf(seeds)]));
      for (const [name, { train, cases }] of made) {
        expect(splits.make(name)).toEqual(made.get(name));
        const learned = groupsOf(train.tokens);
        const held = heldGroups(cases);
        expect([...learned].filter((group) => held.has(group) || test.has(group))).toEqual([]);
        if (name.stage !== 'test') expect([...held].filter((group) => test.has(group))).toEqual([]);
        expect(train.tokens.length).toBeLessThanOrEqual(sampleTokens);
      }
      for (const stage of ['search', 'confirm'] as const) {
        const held = STAGES.filter((name) => name.stage === stage).map((name) => heldGroups(made.get(name)!.cases));
        const all = held.flatMap((groups) => [...groups]);
        expect(new Set(all).size).toBe(all.length);
      }
    }),
    { numRuns: 20 },
  );
});

test('the test playlists are the same for every seed of tuning', () => {
  const lists = Array.from({ length: 100 }, (_, at) => Array.from({ length: 12 }, (_, track) => (at + track) % 100));
  const corpus: TokenSequences = sequences(lists);
  const groups = lists.map((_, at) => at);
  const testOf = (seed: number) =>
    planSplits(corpus, groups, { seed, sampleTokens: 1e6 })
      .make({ stage: 'test', fold: 0, run: 0 })
      .cases.map(({ seeds, hidden }) => [...seeds, ...hidden].toSorted((a, b) => a - b).join())
      .toSorted();
  expect(testOf(1)).toHaveLength(20);
  expect(testOf(2)).toEqual(testOf(1));
});

test('too few playlists are refused', () => {
  const lists = Array.from({ length: 20 }, () => Array.from({ length: 12 }, (_, track) => track));
  expect(() =>
    planSplits(
      sequences(lists),
      lists.map((_, at) => at),
      { seed: 1, sampleTokens: 1e6 },
    ),
  ).toThrow(expect.objectContaining({ code: 'corpus-too-small' }));
});
