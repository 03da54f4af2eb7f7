import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { columnWeight, FEATURE_COLUMNS, type FeatureMatrix, standardise } from '../../src/recommend/audio-features.ts';
import { compareFeatures, distancesByFeature } from '../../src/recommend/compare-features.ts';
import type { SeedRow } from '../../src/recommend/recommender.ts';
import { openAudioFeatures, soundsLike } from '../../src/recommend/recommenders/audio-features.ts';
import { FEATURE_NAMES, type FeatureName, type FeatureValues, valuesAt } from '../../src/recommend/song-features.ts';
import { scoreRows, searchable } from '../../src/vectors/nearest.ts';
import { featuresOf, songWith } from './feature-worlds.ts';

const share = fc.float({ min: 0, max: 1, noNaN: true });
const someOf = (name: FeatureName): fc.Arbitrary<number> => {
  if (name === 'loudness') return fc.float({ min: -60, max: 2, noNaN: true });
  if (name === 'tempo') return fc.float({ min: 30, max: 250, noNaN: true });
  if (name === 'key') return fc.nat(11);
  return name === 'mode' ? fc.nat(1) : share;
};
/** The danceability is always known, so that no song is left out. */
const song = fc.record(
  Object.fromEntries(
    FEATURE_NAMES.map((name) => [name, name === 'danceability' ? share : fc.option(someOf(name), { freq: 6 })]),
  ),
) as fc.Arbitrary<FeatureValues>;
const songs = fc.array(song, { minLength: 2, maxLength: 60 });

const matrixOf = (of: readonly Partial<FeatureValues>[]): FeatureMatrix =>
  standardise(featuresOf(of), Uint32Array.from(of.keys()));
const columnAt = (name: string) => FEATURE_COLUMNS.findIndex((column) => column.name === name);

describe('standardised features', () => {
  test('each column has mean 0 and the deviation of its weight; what is unknown is the mean, and counted', () => {
    fc.assert(
      fc.property(songs, (of) => {
        const { values, dimensions, scale } = matrixOf(of);
        for (const [at, column] of FEATURE_COLUMNS.entries()) {
          const known = of.filter((one) => one[column.feature] !== null).length;
          expect(scale.missing[at]).toBe(of.length - known);
          const all = of.map((_, row) => values[row * dimensions + at]!);
          const total = all.reduce((sum, value) => sum + value, 0);
          expect(Math.abs(total) / of.length).toBeLessThan(1e-4);
          const squares = all.reduce((sum, value) => sum + value * value, 0);
          if (scale.deviations[at] === 0) expect(squares).toBe(0);
          else expect(Math.sqrt(squares / known)).toBeCloseTo(columnWeight(column), 3);
          for (const [row, one] of of.entries()) {
            if (one[column.feature] === null) expect(all[row]).toBe(0);
          }
        }
      }),
    );
  });

  test('is what the formula says, by hand', () => {
    const of = [
      { tempo: 60, acousticness: 0.0001, energy: 0.2 },
      { tempo: 240, acousticness: 0.0016, energy: 0.4 },
    ];
    const { values, dimensions, scale } = matrixOf(of);
    const at = (row: number, name: string) => values[row * dimensions + columnAt(name)];
    // log2 60 and 240 are two apart; fourth roots are .1 and .2; of two songs each is one deviation from the mean.
    expect(scale.means[columnAt('tempo')]).toBeCloseTo(Math.log2(120), 10);
    expect(scale.deviations[columnAt('tempo')]).toBeCloseTo(1, 10);
    expect(scale.means[columnAt('acousticness')]).toBeCloseTo(0.15, 6);
    expect([at(0, 'energy'), at(1, 'energy')]).toEqual([-1, 1]);
    expect(at(1, 'tempo')).toBeCloseTo(Math.sqrt(1 / 3), 6);
    // Two octaves apart is the same place in the octave, so that column says nothing.
    for (const column of ['tempo cos', 'tempo sin']) expect(at(0, column)).toBeCloseTo(0, 12);
    expect([at(0, 'mode'), scale.missing[columnAt('mode')]]).toEqual([0, 2]);
  });

  test('a key and its relative are one place, neighbours on the circle of fifths are nearer than neighbours on the keyboard', () => {
    const keys = Array.from({ length: 24 }, (_, at) => ({ key: at % 12, mode: at < 12 ? 1 : 0 }));
    const matrix = matrixOf(keys);
    const apart = (a: number, b: number) =>
      distancesByFeature(matrix, a, b).find(({ feature }) => feature === 'key')!.distance;
    // C major is 0, A minor 12 + 9, G major 7, C sharp major 1.
    expect(apart(0, 21)).toBeCloseTo(0, 6);
    expect(apart(0, 7)).toBeLessThan(apart(0, 1));
    for (let key = 0; key < 24; key++) expect(apart(0, key)).toBeLessThanOrEqual(apart(0, 6) + 1e-6);
  });

  test('the double of a tempo is nearer than what lies between', () => {
    const matrix = matrixOf([{ tempo: 70 }, { tempo: 140 }, { tempo: 100 }, { tempo: 90 }, { tempo: 128 }]);
    const apart = (a: number, b: number) => distancesByFeature(matrix, a, b)[0]!.distance;
    const circle = (row: number, name: string) => matrix.values[row * matrix.dimensions + columnAt(name)]!;
    expect(apart(0, 1)).toBeLessThan(apart(0, 2));
    expect(circle(0, 'tempo cos')).toBeCloseTo(circle(1, 'tempo cos'), 5);
  });

  test('what no source means is unknown; a song of which nothing is known is none', () => {
    const built = featuresOf([
      { key: -1, mode: 1, tempo: 0, loudness: Number.NaN, energy: 1.5 },
      {},
      { key: -1 },
      { energy: 0 },
    ]);
    expect(built.size).toBe(2);
    expect(valuesAt(built, 0)).toEqual(songWith({ mode: 1 }));
    expect(valuesAt(built, 1)).toEqual(songWith({ energy: 0 }));
  });
});

describe('comparing', () => {
  test('each feature in its own unit, those that one lacks left out', () => {
    const a = songWith({ tempo: 128, key: 0, mode: 1, loudness: -6, energy: 0.75 });
    const b = songWith({ tempo: 126, key: 9, mode: 0, loudness: -8, valence: 0.5 });
    expect(compareFeatures(a, b)).toEqual([
      { feature: 'loudness', a: -6, b: -8, apart: 2, unit: 'dB' },
      { feature: 'tempo', a: 128, b: 126, apart: 2, unit: 'BPM', isOctaveApart: false },
      { feature: 'key', a: 0, b: 9, apart: 0, unit: 'fifths' },
      { feature: 'mode', a: 1, b: 0, apart: 1, unit: '' },
    ]);
    const far = compareFeatures(songWith({ tempo: 70, key: 0, mode: 1 }), songWith({ tempo: 138, key: 6, mode: 1 }));
    expect(far.map(({ feature, apart, isOctaveApart }) => [feature, apart, isOctaveApart])).toEqual([
      ['tempo', 68, true],
      ['key', 6, undefined],
      ['mode', 0, undefined],
    ]);
  });

  test('is the same both ways, and distances by feature add up to the whole', () => {
    fc.assert(
      fc.property(songs, (of) => {
        const there = compareFeatures(of[0]!, of[1]!).map(({ feature, apart }) => [feature, apart]);
        const back = compareFeatures(of[1]!, of[0]!).map(({ feature, apart }) => [feature, apart]);
        expect(there).toEqual(back);
        const matrix = matrixOf(of);
        const distances = distancesByFeature(matrix, 0, 1);
        expect(distances.map(({ distance }) => distance)).toEqual(
          distances.map(({ distance }) => distance).sort((x, y) => y - x),
        );
        const d = matrix.dimensions;
        const squares = Array.from({ length: d }, (_, i) => (matrix.values[i]! - matrix.values[d + i]!) ** 2);
        const sum = distances.reduce((total, { distance }) => total + distance ** 2, 0);
        expect(sum).toBeCloseTo(
          squares.reduce((total, square) => total + square, 0),
          6,
        );
      }),
    );
  });
});

describe('the recommender', () => {
  const asked = songs.chain((of) =>
    fc.record({
      of: fc.constant(of),
      seeds: fc.uniqueArray(fc.record({ row: fc.nat(of.length * 3 + 2), weight: fc.constantFrom(0.5, 1, 3) }), {
        minLength: 1,
        maxLength: 5,
        selector: ({ row }) => row,
      }),
      k: fc.integer({ min: 0, max: 70 }),
    }),
  );

  test('gives what scoring every row gives, rows without features left out', async () => {
    await fc.assert(
      fc.asyncProperty(asked, async ({ of, seeds, k }) => {
        // Every third row of the catalogue has features.
        const matrix = standardise(
          featuresOf(of),
          Uint32Array.from(of.keys(), (at) => 3 * at),
        );
        const recommender = openAudioFeatures(matrix);
        const { rows, scores, parts } = await recommender.candidates({ seeds }, k);
        await recommender.close();
        const plain = plainScores(matrix, seeds);
        expect(rows.length).toBe(Math.min(k, plain.length));
        for (const [at, row] of rows.entries()) {
          expect(scores[at]).toBeCloseTo(plain[at]!.score, 6);
          expect(scores[at]).toBeCloseTo(plain.find((one) => one.row === row)!.score, 6);
          expect(parts!.nearest![at]).toBeCloseTo(plain.find((one) => one.row === row)!.nearest, 6);
        }
      }),
      { numRuns: 60 },
    );
  });

  test('who asks for more gets the same ones first, from a pool as from all', async () => {
    const many = Array.from({ length: 3000 }, (_, at) => ({
      energy: (at % 61) / 60,
      valence: (at % 53) / 52,
      tempo: 60 + (at % 97),
      danceability: (at % 41) / 40,
    }));
    const recommender = openAudioFeatures(matrixOf(many), { threads: 2 });
    const seeds = Array.from({ length: 39 }, (_, at) => ({ row: at * 71, weight: 1 + (at % 3) }));
    const all = await recommender.candidates({ seeds }, 3000);
    const few = await recommender.candidates({ seeds }, 25);
    await recommender.close();
    expect([...few.rows]).toEqual([...all.rows.subarray(0, 25)]);
    const plain = plainScores(matrixOf(many), seeds);
    expect(all.scores[0]).toBeCloseTo(plain[0]!.score, 6);
  });

  test('names the seed that a song sounds most like', () => {
    const matrix = standardise(
      featuresOf([
        { energy: 0.9, tempo: 128 },
        { energy: 0.1, tempo: 80 },
        { energy: 0.85, tempo: 126 },
        { energy: 0.15, tempo: 84 },
      ]),
      Uint32Array.of(10, 20, 30, 40),
    );
    const nearest = soundsLike(matrix, [10, 20, 7]);
    expect(nearest(30)!.seed).toBe(10);
    expect(nearest(40)!.seed).toBe(20);
    expect(nearest(40)!.similarity).toBeGreaterThan(0.9);
    expect([nearest(7), soundsLike(matrix, [7])(30)]).toEqual([undefined, undefined]);
  });
});

/** Every row by the formula, best first, those that are like no seed left out. */
function plainScores({ rows, values, dimensions }: FeatureMatrix, seeds: readonly SeedRow[]) {
  const known = seeds.filter(({ row }) => rows.includes(row));
  const vectors = searchable(values, dimensions);
  const cosines = known.map(({ row }) => {
    const place = rows.indexOf(row);
    return scoreRows(vectors, values.subarray(place * dimensions, (place + 1) * dimensions), 'cosine');
  });
  const total = known.reduce((sum, { weight }) => sum + weight, 0);
  return Array.from(rows, (row, place) => ({
    row,
    score: known.reduce((sum, { weight }, seed) => sum + weight * Math.max(0, cosines[seed]![place]!) ** 2, 0) / total,
    nearest: Math.min(1, Math.max(0, ...cosines.map((cosine) => cosine[place]!))),
  }))
    .filter(({ row, score }) => score > 0 && !known.some((seed) => seed.row === row))
    .sort((a, b) => b.score - a.score || a.row - b.row);
}
