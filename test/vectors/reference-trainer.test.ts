import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { meanVector, nearest, searchable } from '../../src/vectors/nearest.ts';
import { buildNegativeSampler, drawNegative } from '../../src/vectors/negative-sampler.ts';
import { nextBelow, randomState } from '../../src/vectors/random-bits.ts';
import { trainReference } from '../../src/vectors/reference-trainer.ts';
import { readSettings } from '../../src/vectors/settings.ts';
import { buildVocabulary } from '../../src/vectors/vocabulary.ts';
import { genreOf, sequences, twoGenres } from './two-genres.ts';

function trained(overrides: object, corpus = twoGenres()) {
  const settings = readSettings({ dimensions: 16, epochs: 5, subsampling: 0, ...overrides });
  const vocabulary = buildVocabulary(corpus, settings.minCount);
  return { vocabulary, ...trainReference(corpus, vocabulary, settings) };
}

const digest = (values: Float32Array) =>
  createHash('sha256')
    .update(new Uint8Array(values.buffer, values.byteOffset, values.byteLength))
    .digest('hex');

const variants = [
  // Longer, and CBOW has nothing left to learn but that a track is never in its own context: genres blur again.
  { algorithm: 'cbow', window: 'playlist', learningRate: 0.1, epochs: 5 },
  { algorithm: 'cbow', window: 3, learningRate: 0.05, epochs: 12 },
  { algorithm: 'skip-gram', window: 3, learningRate: 0.1, epochs: 30 },
  { algorithm: 'skip-gram', window: 'playlist', learningRate: 0.05, epochs: 10 },
] as const;

describe.each(variants)('$algorithm with window $window', (variant) => {
  test('two disjoint genres: neighbours are of the same genre', () => {
    const { model, vocabulary } = trained(variant);
    const vectors = searchable(model.input, model.dimensions);
    for (let row = 0; row < model.counts.length; row++) {
      const excluded = new Uint8Array(model.counts.length);
      excluded[row] = 1;
      const near = nearest(vectors, meanVector(vectors, [row]), { k: 5, measure: 'cosine', excluded });
      const genres = near.map((neighbour) => genreOf(vocabulary.tokens[neighbour.row]!));
      expect(genres).toEqual(Array(5).fill(genreOf(vocabulary.tokens[row]!)));
    }
  });

  test('input x output: what goes with three tracks is of their genre', () => {
    const { model, vocabulary } = trained(variant);
    const input = searchable(model.input, model.dimensions);
    const output = searchable(model.output, model.dimensions);
    for (const genre of [0, 1]) {
      const seeds = [0, 1, 2].map((track) => vocabulary.rowOf[genre * 20 + track]!);
      const near = nearest(output, meanVector(input, seeds), { k: 10, measure: 'dot' });
      expect(near.map(({ row }) => genreOf(vocabulary.tokens[row]!))).toEqual(Array(10).fill(genre));
    }
  });

  test('the loss falls from log 2 for each of the six rows of a prediction', () => {
    const { losses } = trained(variant);
    expect(losses).toHaveLength(variant.epochs);
    expect(losses[0]).toBeLessThanOrEqual(6 * Math.LN2 + 1e-3);
    expect(losses.at(-1)).toBeLessThan(losses[0]! * 0.9);
  });

  test('one seed gives one model, bit for bit; another seed another', () => {
    const first = trained(variant).model;
    const again = trained(variant).model;
    const other = trained({ ...variant, seed: 2 }).model;
    expect([digest(again.input), digest(again.output)]).toEqual([digest(first.input), digest(first.output)]);
    expect(digest(other.input)).not.toBe(digest(first.input));
  });
});

test('these bits are what version 2 of the trainer makes, on every machine', () => {
  const pinned = { algorithm: 'cbow', window: 'playlist', negatives: 5, negativeExponent: 0.5, epochs: 5 };
  const { model, losses } = trained({
    ...pinned,
    learningRate: 0.1,
    minLearningRate: 0.0001,
    subsampling: 0.01,
    seed: 1,
  });
  expect(digest(model.input).slice(0, 16)).toBe('f701b10dddd8241a');
  expect(losses.at(-1)).toBeCloseTo(2.0983, 3);
});

describe('edges', () => {
  test('playlists of one track, empty playlists and an empty corpus teach nothing and break nothing', () => {
    const lonely = trained({}, sequences([[1], [], [2]]));
    expect(lonely.losses).toEqual(Array(5).fill(0));
    expect(lonely.model.output.every((value) => value === 0)).toBe(true);
    const empty = trained({}, { tokens: new Uint32Array(), offsets: new Uint32Array([0]) });
    expect(empty.model.counts.length).toBe(0);
  });

  test('a track twice in a playlist counts once where the window is the playlist', () => {
    const once = trained({}, sequences([[0, 1, 2]]));
    const twice = trained({}, sequences([[0, 1, 1, 2, 0]]));
    // Counts differ (they weigh the negatives), the number of predictions does not.
    expect([...once.model.counts]).toEqual([1, 1, 1]);
    expect([...twice.model.counts]).toEqual([2, 2, 1]);
    expect(twice.model.input.every(Number.isFinite)).toBe(true);
  });

  test('stops after the sentence in which it is told to', () => {
    const corpus = twoGenres();
    const settings = readSettings({ dimensions: 8 });
    let asked = 0;
    const result = trainReference(corpus, buildVocabulary(corpus, 1), settings, { shouldStop: () => ++asked > 5 });
    expect(result).toMatchObject({ finished: false, tokens: 5 * 8, losses: [] });
  });

  test('subsampling drops frequent tracks, min count rare ones', () => {
    const corpus = sequences(Array.from({ length: 50 }, (_, playlist) => [0, 1, 2 + playlist]));
    expect(buildVocabulary(corpus, 2).tokens).toEqual(Uint32Array.of(0, 1));
    const settings = readSettings({ dimensions: 4, epochs: 1, subsampling: 1e-6, minCount: 1 });
    const result = trainReference(corpus, buildVocabulary(corpus, 1), settings);
    expect(result.tokens).toBe(150);
    expect(result.losses[0]).toBe(0);
  });

  test('settings that cannot be used are named in three lines', () => {
    expect(() => readSettings({ epochs: 0, windw: 5 })).toThrow(
      expect.objectContaining({ code: 'bad-settings', why: expect.stringMatching(/epochs.*windw/s) }),
    );
  });
});

test('the vocabulary holds every frequent token once, most frequent first', () => {
  fc.assert(
    fc.property(fc.array(fc.array(fc.nat(30), { maxLength: 10 }), { maxLength: 20 }), fc.nat(4), (sentences, min) => {
      const vocabulary = buildVocabulary(sequences(sentences), min);
      const wanted = Map.groupBy(sentences.flat(), (token) => token);
      const kept = [...wanted].filter(([, all]) => all.length >= min);
      expect(new Set(vocabulary.tokens)).toEqual(new Set(kept.map(([token]) => token)));
      expect(vocabulary.total).toBe(kept.reduce((sum, [, all]) => sum + all.length, 0));
      for (const [row, token] of vocabulary.tokens.entries()) {
        expect(vocabulary.rowOf[token]).toBe(row);
        expect(vocabulary.counts[row]).toBe(wanted.get(token)!.length);
        if (row > 0) expect(vocabulary.counts[row - 1]!).toBeGreaterThanOrEqual(vocabulary.counts[row]!);
      }
    }),
  );
});

test.each([0.75, 0.5, 0, -0.5])('negatives come in proportion to count^%d', (exponent) => {
  const counts = Uint32Array.of(1000, 100, 10, 5, 1);
  const sampler = buildNegativeSampler(counts, exponent);
  const random = randomState(3);
  const draws = 200_000;
  const drawn = new Float64Array(counts.length);
  for (let draw = 0; draw < draws; draw++) drawn[drawNegative(sampler, random)]!++;
  const weights = Array.from(counts, (count) => count ** exponent);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  for (const [row, weight] of weights.entries()) {
    const share = weight / total;
    // Five standard deviations of a binomial share.
    expect(Math.abs(drawn[row]! / draws - share)).toBeLessThan(5 * Math.sqrt((share * (1 - share)) / draws) + 1e-9);
  }
});

test('random integers stay below their bound', () => {
  const random = randomState(11, 2);
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 0x7fff_ffff }), (bound) => {
      const value = nextBelow(random, bound);
      expect(value >= 0 && value < bound && Number.isInteger(value)).toBe(true);
    }),
  );
});
