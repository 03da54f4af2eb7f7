import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { nearestSeedFinder } from '../../src/recommend/nearest-seed.ts';
import type { Ranking, SeedRow } from '../../src/recommend/recommender.ts';
import { openVectorRecommender } from '../../src/recommend/recommenders/song-vectors.ts';
import type { Model } from '../../src/vectors/model.ts';
import { meanVector, nearest, scoreRows, searchable, topRows } from '../../src/vectors/nearest.ts';
import { songOf, tinyWorld } from './tiny-world.ts';

const { model, catalogue } = tinyWorld();
const recommender = openVectorRecommender(model);
const seed = (token: number, weight = 1): SeedRow => ({ row: catalogue.rowOfId(songOf(token).id), weight });
const titles = ({ rows }: Ranking) => Array.from(rows, (row) => catalogue.track(row).title);
const genre = (row: number) => catalogue.track(row).title.split(' ')[0];

describe('song-vectors', () => {
  test('jazz leads to jazz, techno to techno', async () => {
    const jazz = titles(await recommender.candidates({ seeds: [seed(0), seed(1), seed(5)] }, 12));
    const techno = titles(await recommender.candidates({ seeds: [seed(20), seed(27)] }, 12));
    expect(jazz.every((title) => title.startsWith('Jazz'))).toBe(true);
    expect(techno.every((title) => title.startsWith('Techno'))).toBe(true);
    expect([jazz.length, techno.length]).toEqual([12, 12]);
  });

  test('the seed that a candidate is most like is of its own genre', async () => {
    const seeds = [seed(0), seed(20)];
    const vectors = searchable(model.input, model.dimensions);
    const nearestSeed = nearestSeedFinder(
      vectors,
      seeds.map(({ row }) => row),
    );
    for (const row of (await recommender.candidates({ seeds }, 20)).rows) {
      const { seed: from, similarity } = nearestSeed(row)!;
      expect(genre(from)).toBe(genre(row));
      expect(similarity).toBeGreaterThan(0.3);
      expect(similarity).toBeLessThanOrEqual(1);
    }
    expect(nearestSeed(model.counts.length)).toBeUndefined();
    expect(nearestSeedFinder(vectors, [model.counts.length])(0)).toBeUndefined();
  });

  test('best first, never a seed, at most k, the same every time', async () => {
    const seeds = [seed(0), seed(3, 2), seed(21)];
    const all = await recommender.candidates({ seeds }, 100);
    expect(await recommender.candidates({ seeds }, 100)).toEqual(all);
    expect([...all.scores]).toEqual([...all.scores].sort((a, b) => b - a));
    expect(all.rows).toHaveLength(catalogue.size - 3);
    expect([...all.rows]).not.toContain(seed(3).row);
    const few = await recommender.candidates({ seeds }, 4);
    expect([...few.rows]).toEqual([...all.rows.slice(0, 4)]);
    expect([...few.parts!.together!]).toEqual([...all.parts!.together!.slice(0, 4)]);
  });

  test('the heavier seed decides', async () => {
    const first = async (jazz: number, techno: number) =>
      genre((await recommender.candidates({ seeds: [seed(2, jazz), seed(22, techno)] }, 1)).rows[0]!);
    expect(await first(10, 1)).toBe('Jazz');
    expect(await first(1, 10)).toBe('Techno');
  });

  test('seeds it does not know are passed over', async () => {
    const unknown = { row: catalogue.size, weight: 9 };
    expect((await recommender.candidates({ seeds: [] }, 5)).rows).toHaveLength(0);
    expect((await recommender.candidates({ seeds: [unknown] }, 5)).rows).toHaveLength(0);
    const known = await recommender.candidates({ seeds: [seed(0)] }, 5);
    expect(await recommender.candidates({ seeds: [seed(0), unknown] }, 5)).toEqual(known);
  });
});

/** What the recommender means, row by row: every row's score, then the best of them. */
function plainRanking(model: Model, seeds: readonly SeedRow[], k: number): { row: number; score: number }[] {
  const input = searchable(model.input, model.dimensions);
  const output = searchable(model.output, model.dimensions);
  const rows = seeds.map(({ row }) => row);
  const weights = seeds.map(({ weight }) => weight);
  const excluded = new Uint8Array(model.counts.length);
  for (const row of rows) excluded[row] = 1;
  const together = scoreRows(output, meanVector(input, rows, weights), 'dot');
  const alike = new Float64Array(excluded.length);
  for (const [at, row] of rows.entries()) {
    for (const near of nearest(input, meanVector(input, [row]), { k: 50, measure: 'cosine', excluded })) {
      alike[near.row]! += weights[at]! * Math.max(0, near.score);
    }
  }
  const bestTogether = topRows(together, 1, excluded)[0]?.score ?? 0;
  const bestAlike = topRows(alike, 1, excluded)[0]?.score ?? 0;
  const scaled = (score: number, best: number) => (best > 0 ? score / best : score);
  const scores = together.map((score, row) => scaled(score, bestTogether) + 0.5 * scaled(alike[row]!, bestAlike));
  return topRows(scores, k, excluded);
}

test('candidates are those of scoring every row', async () => {
  const vectors = (n: number, d: number) =>
    fc
      .array(fc.oneof(fc.integer({ min: -2, max: 2 }), fc.float({ min: -1, max: 1, noNaN: true })), {
        minLength: n * d,
        maxLength: n * d,
      })
      .map((values) => Float32Array.from(values));
  const world = fc
    .record({ n: fc.integer({ min: 2, max: 400 }), d: fc.integer({ min: 1, max: 6 }) })
    .chain(({ n, d }) =>
      fc.record({
        model: fc.record({
          dimensions: fc.constant(d),
          counts: fc.constant(new Uint32Array(n)),
          input: vectors(n, d),
          output: vectors(n, d),
        }),
        seeds: fc.uniqueArray(fc.record({ row: fc.nat(n - 1), weight: fc.double({ min: 0.1, max: 5, noNaN: true }) }), {
          minLength: 1,
          maxLength: 6,
          selector: ({ row }) => row,
        }),
        k: fc.integer({ min: 0, max: 420 }),
      }),
    );
  await fc.assert(
    fc.asyncProperty(world, async ({ model, seeds, k }) => {
      const { rows, scores } = await openVectorRecommender(model).candidates({ seeds }, k);
      expect(Array.from(rows, (row, at) => ({ row, score: scores[at]! }))).toEqual(plainRanking(model, seeds, k));
    }),
    { numRuns: 150 },
  );
});
