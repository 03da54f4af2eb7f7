import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { catalogueOf } from '../../src/recommend/catalogue.ts';
import type { SeedTrack } from '../../src/recommend/recommender.ts';
import { fitSongVectors } from '../../src/recommend/song-vectors.ts';
import type { Model } from '../../src/vectors/model.ts';
import { meanVector, nearest, scoreRows, searchable, topRows } from '../../src/vectors/nearest.ts';
import { songOf, tinyWorld } from './tiny-world.ts';

const { model, catalogue } = tinyWorld();
const recommender = fitSongVectors(model, catalogue);
const seed = (token: number, weight = 1) => ({ trackId: songOf(token).id, weight });
const titles = (candidates: { trackId: string }[]) =>
  candidates.map(({ trackId }) => catalogue.track(catalogue.rowOfId(trackId)).title);

describe('song-vectors', () => {
  test('jazz leads to jazz, techno to techno', async () => {
    const jazz = titles(await recommender.candidates([seed(0), seed(1), seed(5)], 12));
    const techno = titles(await recommender.candidates([seed(20), seed(27)], 12));
    expect(jazz.every((title) => title.startsWith('Jazz'))).toBe(true);
    expect(techno.every((title) => title.startsWith('Techno'))).toBe(true);
    expect([jazz.length, techno.length]).toEqual([12, 12]);
  });

  test('each candidate names a seed of its own genre and how alike they are', async () => {
    const candidates = await recommender.candidates([seed(0), seed(20)], 20);
    for (const { trackId, seedId, similarity } of candidates) {
      const [song, from] = [trackId, seedId!].map((id) => catalogue.track(catalogue.rowOfId(id)).title.split(' ')[0]);
      expect(from).toBe(song);
      expect(similarity).toBeGreaterThan(0.3);
      expect(similarity).toBeLessThanOrEqual(1);
    }
  });

  test('best first, never a seed, at most k, the same every time', async () => {
    const seeds = [seed(0), seed(3, 2), seed(21)];
    const candidates = await recommender.candidates(seeds, 100);
    expect(await recommender.candidates(seeds, 100)).toEqual(candidates);
    const scores = candidates.map(({ score }) => score);
    expect(scores).toEqual([...scores].sort((a, b) => b - a));
    expect(candidates).toHaveLength(catalogue.size - 3);
    expect(candidates.map(({ trackId }) => trackId)).not.toContain(songOf(3).id);
    expect(await recommender.candidates(seeds, 4)).toEqual(candidates.slice(0, 4));
  });

  test('the heavier seed decides', async () => {
    const first = async (jazz: number, techno: number) =>
      titles(await recommender.candidates([seed(2, jazz), seed(22, techno)], 1))[0]!.split(' ')[0];
    expect(await first(10, 1)).toBe('Jazz');
    expect(await first(1, 10)).toBe('Techno');
  });

  test('seeds it does not know are passed over', async () => {
    expect(await recommender.candidates([], 5)).toEqual([]);
    expect(await recommender.candidates([{ trackId: 'unknown', weight: 1 }], 5)).toEqual([]);
    const known = await recommender.candidates([seed(0)], 5);
    expect(await recommender.candidates([seed(0), { trackId: 'unknown', weight: 9 }], 5)).toEqual(known);
  });
});

/** What the recommender means, row by row: every row's score, then the best of them. */
function plainRanking(model: Model, seeds: readonly SeedTrack[], k: number): { row: number; score: number }[] {
  const input = searchable(model.input, model.dimensions);
  const output = searchable(model.output, model.dimensions);
  const rows = seeds.map(({ trackId }) => Number(trackId));
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
        seeds: fc.uniqueArray(
          fc.record({ trackId: fc.nat(n - 1).map(String), weight: fc.double({ min: 0.1, max: 5, noNaN: true }) }),
          { minLength: 1, maxLength: 6, selector: ({ trackId }) => trackId },
        ),
        k: fc.integer({ min: 0, max: 420 }),
      }),
    );
  await fc.assert(
    fc.asyncProperty(world, async ({ model, seeds, k }) => {
      const tracks = Array.from(model.counts, (_, row) => ({ id: String(row), title: '', artists: [] }));
      const candidates = await fitSongVectors(model, catalogueOf(tracks)).candidates(seeds, k);
      expect(candidates.map(({ trackId, score }) => ({ row: Number(trackId), score }))).toEqual(
        plainRanking(model, seeds, k),
      );
    }),
    { numRuns: 150 },
  );
});
