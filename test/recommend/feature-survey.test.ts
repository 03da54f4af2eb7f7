import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../src/base/random.ts';
import { columnWeight, FEATURE_COLUMNS, standardise } from '../../src/recommend/audio-features.ts';
import { correlationsOf } from '../../src/recommend/correlations.ts';
import { describeCentre } from '../../src/recommend/describe-clusters.ts';
import { distributionsOf, QUANTILES, quantile } from '../../src/recommend/distributions.ts';
import { surveyFeatures } from '../../src/recommend/feature-survey.ts';
import { eigen, placesOn, principalAxes } from '../../src/recommend/principal-axes.ts';
import type { FeatureValues } from '../../src/recommend/song-features.ts';
import { featuresOf } from './feature-worlds.ts';

describe('distributions', () => {
  test('quantiles, histogram, what is missing', () => {
    const energies = [0, 0.049, 0.05, 0.5, 1];
    const songs = featuresOf([
      ...energies.map((energy) => ({ energy, key: 11 })),
      { tempo: 30, mode: 0 },
      { tempo: 500, mode: 1 },
    ]);
    const of = (name: string) => distributionsOf(songs).find(({ feature }) => feature === name)!;
    expect(of('energy')).toMatchObject({ known: 5, missing: 2 });
    expect(of('energy').mean).toBeCloseTo(0.3198, 6);
    expect(of('energy').quantiles[QUANTILES.indexOf(0.5)]).toBeCloseTo(0.05, 6);
    expect(of('energy').quantiles[QUANTILES.indexOf(0.75)]).toBe(0.5);
    expect(of('energy').histogram.counts).toEqual([2, 1, ...Array(7).fill(0), 0, 1, ...Array(8).fill(0), 1]);
    expect(of('key').histogram.counts).toEqual([...Array(11).fill(0), 5]);
    expect(of('mode').histogram.counts).toEqual([1, 1]);
    // Beyond the ends counts in the outermost.
    expect([of('tempo').histogram.counts[0], of('tempo').histogram.counts.at(-1)]).toEqual([1, 1]);
    expect(of('valence')).toMatchObject({ known: 0, missing: 7, mean: Number.NaN, quantiles: [] });
  });

  test('a quantile lies between its neighbours, in proportion', () => {
    expect(quantile(Float64Array.of(1, 2, 4), 0.25)).toBe(1.5);
    expect(quantile(Float64Array.of(7), 0.95)).toBe(7);
  });
});

describe('correlations', () => {
  test('of what rises and falls together, over the songs that have both', () => {
    const songs = featuresOf([
      { energy: 0.1, loudness: -20, acousticness: 0.9, valence: 0.5 },
      { energy: 0.2, loudness: -18, acousticness: 0.8, valence: 0.5 },
      { energy: 0.4, loudness: -14, acousticness: 0.6, valence: 0.5 },
      { energy: 0.9, acousticness: null },
    ]);
    const all = correlationsOf(songs);
    const of = (a: string, b: string) => all.find((each) => each.a === a && each.b === b)!;
    expect(of('energy', 'loudness').correlation).toBeCloseTo(1, 6);
    expect(of('energy', 'acousticness').correlation).toBeCloseTo(-1, 6);
    expect(of('energy', 'valence')).toMatchObject({ correlation: 0, songs: 3 });
    expect(all.some(({ a, b }) => a === 'key' || b === 'key')).toBe(false);
    expect(all).toHaveLength(45);
  });
});

describe('principal axes', () => {
  test('eigenvectors are what they are called: A v = x v, at right angles, values falling', () => {
    const symmetric = fc.integer({ min: 1, max: 9 }).chain((d) =>
      fc
        .array(fc.oneof(fc.integer({ min: -3, max: 3 }), fc.double({ min: -5, max: 5, noNaN: true })), {
          minLength: d * d,
          maxLength: d * d,
        })
        .map((some) => ({
          d,
          a: Float64Array.from(some, (_, at) => {
            const [i, j] = [Math.floor(at / d), at % d];
            return some[Math.min(i, j) * d + Math.max(i, j)]!;
          }),
        })),
    );
    fc.assert(
      fc.property(symmetric, ({ d, a }) => {
        const { values, vectors } = eigen(a, d);
        expect([...values]).toEqual([...values].sort((x, y) => y - x));
        const row = (at: number) => vectors.subarray(at * d, (at + 1) * d);
        const dot = (x: ArrayLike<number>, y: ArrayLike<number>) =>
          Array.from(x).reduce((sum, value, at) => sum + value * y[at]!, 0);
        for (let at = 0; at < d; at++) {
          for (let i = 0; i < d; i++)
            expect(dot(a.subarray(i * d, (i + 1) * d), row(at))).toBeCloseTo(values[at]! * row(at)[i]!, 8);
          for (let other = 0; other <= at; other++)
            expect(dot(row(at), row(other))).toBeCloseTo(at === other ? 1 : 0, 10);
        }
      }),
    );
  });

  test('find the direction that points were spread in, and their places on it', () => {
    const random = seededRandom(3);
    const along = Array.from({ length: 400 }, () => 10 * (random() - 0.5));
    const mean = along.reduce((sum, value) => sum + value, 0) / along.length;
    const points = along.map((t) => [(3 / 5) * (t - mean), (-4 / 5) * (t - mean), 0.01 * (random() - 0.5)]);
    const rows = { dimensions: 3, values: Float32Array.from(points.flat()) };
    const axes = principalAxes(rows, 2);
    expect(axes[0]!.share).toBeGreaterThan(0.999);
    // The largest component is made positive.
    for (const [i, loading] of [-3 / 5, 4 / 5, 0].entries()) expect(axes[0]!.loadings[i]).toBeCloseTo(loading, 3);
    const places = placesOn(rows, axes);
    for (const [at, t] of along.entries()) expect(places[at * 2]).toBeCloseTo(-(t - mean), 2);
  });

  test('of nothing there is no share', () => {
    expect(principalAxes({ dimensions: 2, values: new Float32Array(8) }).map(({ share }) => share)).toEqual([0, 0]);
  });
});

test('a cluster in words: its strongest features, in order', () => {
  const centre = new Float64Array(FEATURE_COLUMNS.length);
  const set = (name: string, deviations: number) => {
    const at = FEATURE_COLUMNS.findIndex((column) => column.name === name);
    centre[at] = deviations * columnWeight(FEATURE_COLUMNS[at]!);
  };
  expect(describeCentre(centre)).toBe('like most songs');
  set('energy', 1.4);
  set('tempo', 0.9);
  set('mode', -1.1);
  set('valence', 0.4);
  set('tempo cos', 3);
  set('key sin', 3);
  expect(describeCentre(centre)).toBe('high energy, minor, fast');
});

test('a survey of two kinds of songs finds both, and their places on a map', async () => {
  const random = seededRandom(11);
  const near = (value: number) => value + 0.05 * (random() - 0.5);
  const kinds: Partial<FeatureValues>[] = Array.from({ length: 300 }, (_, at) =>
    at % 3 === 0
      ? { energy: near(0.9), acousticness: near(0.05), tempo: 130 + (at % 5), mode: 0 }
      : { energy: near(0.2), acousticness: near(0.9), tempo: 80 + (at % 5), mode: 1 },
  );
  const songs = featuresOf(kinds);
  const matrix = standardise(songs, Uint32Array.from(kinds.keys()));
  const { survey, map } = await surveyFeatures(songs, matrix, { least: 2, most: 5 });
  expect(survey.songs).toBe(300);
  expect(survey.clusters.map(({ songs: size }) => size)).toEqual([200, 100]);
  expect(survey.clusters[0]!.words.split(', ')).toEqual(expect.arrayContaining(['low energy', 'acoustic', 'slow']));
  expect(survey.clusters[1]!.words.split(', ')).toEqual(expect.arrayContaining(['high energy', 'fast', 'minor']));
  for (const [cluster, { example }] of survey.clusters.entries()) expect(map.clusterOf[example]).toBe(cluster);
  expect(survey.silhouettes).toMatchObject({ sampled: 300 });
  expect(survey.axes[0]!.share).toBeGreaterThan(0.5);
  expect(survey.axes[0]!.loadings.map(({ column }) => column)).toHaveLength(FEATURE_COLUMNS.length);
  // The first axis parts the two kinds.
  const side = (at: number) => Math.sign(map.places[at * 2]!);
  for (let at = 0; at < 300; at++) expect(side(at)).toBe(at % 3 === 0 ? side(0) : -side(0));
});
