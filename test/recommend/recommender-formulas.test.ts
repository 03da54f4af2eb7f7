import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { holdersCount, matrixOf, type PlaylistMatrix } from '../../src/recommend/playlist-matrix.ts';
import type { Ranking, SeedRow } from '../../src/recommend/recommender.ts';
import { type CoOccurrenceSettings, openCoOccurrence } from '../../src/recommend/recommenders/co-occurrence.ts';
import { EASE_DEFAULTS, type EaseSettings, fitEase, openEase } from '../../src/recommend/recommenders/ease.ts';
import { type NeighbourSettings, openNeighbours } from '../../src/recommend/recommenders/neighbours.ts';
import { buildVocabulary } from '../../src/vectors/vocabulary.ts';
import { sequences } from '../vectors/two-genres.ts';

// Each recommender against its formula, written down plainly.

const TRACKS = 25;
const options = { threads: 1, signal: new AbortController().signal };

const given = fc.record({
  playlists: fc.array(fc.uniqueArray(fc.nat(TRACKS - 1), { minLength: 1, maxLength: 9 }), {
    minLength: 2,
    maxLength: 14,
  }),
  seeds: fc.uniqueArray(fc.record({ row: fc.nat(TRACKS - 1), weight: fc.constantFrom(0.5, 1, 3) }), {
    minLength: 1,
    maxLength: 5,
    selector: ({ row }) => row,
  }),
});

function worldOf(playlists: readonly (readonly number[])[]) {
  const corpus = sequences(playlists);
  return matrixOf(corpus, buildVocabulary(corpus, 1));
}

/** The playlists of a matrix as sets of rows. */
function setsOf({ playlists, starts, rows }: PlaylistMatrix): Set<number>[] {
  return Array.from({ length: playlists }, (_, at) => new Set(rows.subarray(starts[at]!, starts[at + 1]!)));
}

/** Seeds that exist in the world. */
function known(matrix: PlaylistMatrix, seeds: readonly SeedRow[]): SeedRow[] {
  return seeds.filter(({ row }) => row < matrix.tracks);
}

/** Every row's score by a formula: what has one comes out, with it. */
function expectScores(
  ranking: Ranking,
  matrix: PlaylistMatrix,
  seeds: readonly SeedRow[],
  scoreOf: (row: number) => number,
) {
  const isSeed = new Set(seeds.map(({ row }) => row));
  const expected = Array.from({ length: matrix.tracks }, (_, row) => scoreOf(row));
  for (const [at, row] of ranking.rows.entries()) {
    expect(Math.abs(ranking.scores[at]! - expected[row]!)).toBeLessThan(1e-4 * Math.max(1, Math.abs(expected[row]!)));
  }
  const found = new Set(ranking.rows);
  for (const [row, score] of expected.entries()) if (score > 1e-6 && !isSeed.has(row)) expect(found).toContain(row);
}

describe('neighbours', () => {
  const settings = fc.record({
    neighbours: fc.constantFrom(2, 100),
    lengthExponent: fc.constantFrom(0, 0.5, 1),
    idfExponent: fc.constantFrom(0, 1, 2),
    amplification: fc.constantFrom(1, 2),
    popularityDamping: fc.constantFrom(0, 0.3),
  });

  test('the similarity of each playlist, given to all that it holds', async () => {
    await fc.assert(
      fc.asyncProperty(given, settings, async ({ playlists, seeds: all }, chosen: NeighbourSettings) => {
        const matrix = worldOf(playlists);
        const seeds = known(matrix, all);
        const sets = setsOf(matrix);
        const idf = (row: number) => Math.log(1 + sets.length / holdersCount(matrix, row)) ** chosen.idfExponent;
        const similar = sets
          .map((set) => {
            const shared = seeds
              .filter(({ row }) => set.has(row))
              .reduce((sum, { row, weight }) => sum + weight * idf(row), 0);
            return {
              set,
              similarity: shared / [...set].reduce((sum, row) => sum + idf(row), 0) ** chosen.lengthExponent,
            };
          })
          .filter(({ similarity }) => similarity > 0)
          .sort((a, b) => b.similarity - a.similarity);
        // Two equally similar at the edge of the list: either may be in it.
        const last = similar[chosen.neighbours - 1]?.similarity ?? 0;
        fc.pre(Math.abs(last - (similar[chosen.neighbours]?.similarity ?? -1)) > 1e-6);
        const nearest = similar.slice(0, chosen.neighbours);
        const ranking = await openNeighbours(matrix, chosen).candidates({ seeds }, TRACKS);
        expectScores(
          ranking,
          matrix,
          seeds,
          (row) =>
            nearest
              .filter(({ set }) => set.has(row))
              .reduce((sum, { similarity }) => sum + similarity ** chosen.amplification, 0) *
            holdersCount(matrix, row) ** -chosen.popularityDamping,
        );
      }),
    );
  });
});

describe('co-occurrence', () => {
  const settings = fc.record({
    candidateDamping: fc.constantFrom(0, 0.5),
    seedDamping: fc.constantFrom(0, 0.4),
    lengthDamping: fc.constantFrom(0, 0.5),
    agreement: fc.constantFrom(1, 2),
    nearness: fc.constantFrom(0, 1),
    most: fc.constantFrom(2, 100),
    mostOfSeed: fc.constantFrom(2, 100),
  });

  test('the seeds of each playlist it is in, damped, of those playlists that say most', async () => {
    await fc.assert(
      fc.asyncProperty(given, settings, async ({ playlists, seeds: all }, chosen: CoOccurrenceSettings) => {
        const matrix = worldOf(playlists);
        const seeds = known(matrix, all);
        const shareOf = ({ row, weight }: SeedRow) => weight * holdersCount(matrix, row) ** -chosen.seedDamping;
        const ranking = await openCoOccurrence(matrix, chosen).candidates({ seeds }, TRACKS);
        const counted = (row: number) => {
          const holding = setsOf(matrix).flatMap((set, playlist) => (set.has(row) ? [playlist] : []));
          const step = Math.ceil(holding.length / chosen.mostOfSeed);
          return new Set(holding.filter((_, at) => at % step === 0));
        };
        const said = setsOf(matrix)
          .map((set, playlist) => {
            const inside = seeds.filter((seed) => set.has(seed.row));
            const heard = inside.filter((seed) => counted(seed.row).has(playlist));
            const shares = heard.reduce((sum, seed) => sum + shareOf(seed), 0);
            return {
              set,
              inside,
              share: shares * (shares ** (chosen.agreement - 1) * set.size ** -chosen.lengthDamping),
            };
          })
          .filter(({ share }) => share > 0)
          .sort((a, b) => b.share - a.share)
          .slice(0, chosen.most);
        expectScores(ranking, matrix, seeds, (row) => {
          let score = 0;
          for (const { set, inside, share } of said) {
            if (!set.has(row)) continue;
            const order = [...set];
            const near = inside
              .map((seed) => ({ seed, distance: Math.abs(order.indexOf(seed.row) - order.indexOf(row)) }))
              .filter(({ distance }) => distance > 0 && distance <= 10)
              .reduce((sum, { seed, distance }) => sum + shareOf(seed) / distance, 0);
            score += share + chosen.nearness * near * set.size ** -chosen.lengthDamping;
          }
          return score * holdersCount(matrix, row) ** -chosen.candidateDamping;
        });
      }),
    );
  });
});

describe('ease', () => {
  const readyEase = async (matrix: PlaylistMatrix, settings: EaseSettings) =>
    openEase(matrix, await fitEase(matrix, settings, options), settings);

  /** B by its definition, in f64 with Gauss and Jordan. */
  function weights(matrix: PlaylistMatrix, settings: EaseSettings): (i: number, j: number) => number {
    const { regularisation, ownShare, trackDamping, candidateDamping } = settings;
    const n = matrix.tracks;
    const counts = Array.from({ length: n }, (_, row) => holdersCount(matrix, row));
    const mean = counts.reduce((sum, count) => sum + count, 0) / n;
    const scale = counts.map((count) => (count / mean) ** -trackDamping);
    const ridge = (i: number) => regularisation + ownShare * counts[i]! * scale[i]! ** 2;
    const a = Array.from({ length: n }, (_, i) =>
      Float64Array.from({ length: 2 * n }, (_, j) => (j === n + i ? 1 : j === i ? ridge(i) : 0)),
    );
    for (const set of setsOf(matrix)) for (const i of set) for (const j of set) a[i]![j]! += scale[i]! * scale[j]!;
    for (let pivot = 0; pivot < n; pivot++) {
      const scale = a[pivot]![pivot]!;
      for (let j = 0; j < 2 * n; j++) a[pivot]![j]! /= scale;
      for (let i = 0; i < n; i++) {
        const factor = a[i]![pivot]!;
        if (i !== pivot) for (let j = 0; j < 2 * n; j++) a[i]![j]! -= factor * a[pivot]![j]!;
      }
    }
    // Of damped tracks to damped tracks: back to those of playlists as they are.
    const back = (i: number, j: number) => (scale[i]! / scale[j]!) * counts[j]! ** -candidateDamping;
    return (i, j) => (i === j ? 0 : (-a[i]![n + j]! / a[j]![n + j]!) * back(i, j));
  }

  const settings = fc.record({
    regularisation: fc.constantFrom(1, 20),
    ownShare: fc.constantFrom(0, 0.5),
    trackDamping: fc.constantFrom(0, 0.25),
    candidateDamping: fc.constantFrom(0, 0.1),
    most: fc.constant(6000),
  });

  const fewTracks = fc.record({
    playlists: fc.array(fc.uniqueArray(fc.nat(7), { minLength: 1, maxLength: 5 }), { minLength: 10, maxLength: 20 }),
    seeds: fc.constantFrom(
      [{ row: 0, weight: 1 }],
      [
        { row: 1, weight: 2 },
        { row: 2, weight: 0.5 },
      ],
    ),
  });

  test.each([
    ['few playlists', given],
    ['few tracks', fewTracks],
  ])('its weights are those of the definition: %s', async (_, worlds) => {
    await fc.assert(
      fc.asyncProperty(worlds, settings, fc.boolean(), async (given, chosen: EaseSettings, mayRepeat) => {
        const { playlists, seeds: all } = given;
        const matrix = worldOf(playlists);
        const seeds = known(matrix, all);
        const weight = weights(matrix, chosen);
        const recommender = await readyEase(matrix, chosen);
        const question = mayRepeat ? { seeds, excluded: new Set<number>() } : { seeds };
        expectScores(await recommender.candidates(question, TRACKS), matrix, mayRepeat ? [] : seeds, (row) =>
          seeds.reduce((sum, seed) => sum + seed.weight * weight(seed.row, row), 0),
        );
      }),
      { numRuns: 25 },
    );
  });

  test('what is too much is cut to the most popular tracks', async () => {
    const matrix = worldOf(Array.from({ length: 30 }, (_, at) => [0, 1 + (at % 2), 3 + (at % 5), 8 + (at % 9)]));
    const recommender = await readyEase(matrix, { ...EASE_DEFAULTS, regularisation: 1, most: 5 });
    const { rows } = await recommender.candidates(
      {
        seeds: [
          { row: 0, weight: 1 },
          { row: 12, weight: 5 },
        ],
      },
      20,
    );
    expect(rows.length).toBeGreaterThan(0);
    expect(Math.max(...rows)).toBeLessThan(5);
  });
});
