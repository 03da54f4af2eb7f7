import { expect, test } from 'vitest';
import { alike, evaluateRecommenders, evaluateSets } from '../../src/recommend/evaluate-recommenders.ts';
import { matrixOf } from '../../src/recommend/playlist-matrix.ts';
import type { RecommenderKind, World } from '../../src/recommend/recommender.ts';
import { neighbours } from '../../src/recommend/recommenders/neighbours.ts';
import { popular } from '../../src/recommend/recommenders/popular.ts';
import { buildVocabulary } from '../../src/vectors/vocabulary.ts';
import { twoGenres } from '../vectors/two-genres.ts';

const corpus = twoGenres();
const vocabulary = buildVocabulary(corpus, 1);
const world: World = {
  playlists: matrixOf(corpus, vocabulary),
  groups: Uint32Array.from({ length: 200 }, (_, at) => at),
  vectorsOf: async () => {
    throw new Error('nobody asked for vectors');
  },
};
const { signal } = new AbortController();
const rows = (...tokens: number[]) => tokens.map((token) => vocabulary.rowOf[token]!);

test('several sets of cases, each by itself, learned once', async () => {
  let fits = 0;
  const counting: RecommenderKind = {
    ...neighbours,
    fit: (given, options) => {
      fits++;
      return neighbours.fit(given, options);
    },
  };
  const jazz = [{ seeds: alike(rows(0, 1)), hidden: new Set(rows(2, 3)) }];
  const techno = [
    { seeds: alike(rows(20)), hidden: new Set(rows(25)) },
    { seeds: [], hidden: new Set(rows(30)) },
  ];
  const steps: string[] = [];
  const options = {
    threads: 1,
    signal,
    onStep: (label: string, done: number, total: number) => steps.push(`${label} ${done}/${total}`),
  };
  const evaluations = await evaluateSets([popular, counting], world, [jazz, techno, []], options);
  expect(fits).toBe(1);
  expect(steps.slice(-4)).toEqual(['neighbours: learning 0/3', 'neighbours 1/3', 'neighbours 2/3', 'neighbours 3/3']);
  for (const [at, cases] of [jazz, techno].entries()) {
    const alone = await evaluateRecommenders([popular, neighbours], world, cases, options);
    expect(evaluations[at]!.comparisons).toEqual(alone.comparisons);
    const figures = ({ recommenders }: typeof alone) =>
      recommenders.map(({ metrics, coverage, answered }) => ({ metrics, coverage, answered }));
    expect(figures(evaluations[at]!)).toEqual(figures(alone));
  }
  // Without seeds neighbours has nothing to say.
  expect(evaluations[1]!.recommenders.map(({ answered }) => answered)).toEqual([2, 1]);
  expect(evaluations[2]).toMatchObject({
    cases: 0,
    recommenders: [{ answered: 0, metrics: { ndcg: { mean: 0 } } }, {}],
  });
});

test('what a case excludes may not come back, and what is in it besides reaches the recommender', async () => {
  const excluded = new Set(rows(2, 3));
  const seen: number[][] = [];
  const cases = [
    { seeds: alike(rows(0)), excluded, hidden: new Set(rows(1)) },
    { seeds: alike(rows(0)), excluded: new Set<number>(), hidden: new Set(rows(0)) },
  ];
  const { recommenders } = await evaluateRecommenders([neighbours], world, cases, {
    threads: 1,
    signal,
    onCase: (found) => seen.push([...found]),
  });
  for (const row of excluded) expect(seen[0]).not.toContain(row);
  expect(seen[1]).toContain(rows(0)[0]);
  expect(recommenders[0]!.metrics['recall@500'].mean).toBe(1);
});
