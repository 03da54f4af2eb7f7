import { expect, test } from 'vitest';
import { matrixOf, type PlaylistMatrix } from '../../src/recommend/playlist-matrix.ts';
import { type FactorsSettings, factorise, foldIn } from '../../src/vectors/factors.ts';
import { buildVocabulary } from '../../src/vectors/vocabulary.ts';
import { twoGenres } from './two-genres.ts';

const corpus = twoGenres(60);
const matrix = matrixOf(corpus, buildVocabulary(corpus, 1));
const sides = (m: PlaylistMatrix) =>
  [
    { starts: m.starts, held: m.rows },
    { starts: m.holderStarts, held: m.holders },
  ] as const;
const SETTINGS: FactorsSettings = {
  dimensions: 6,
  epochs: 4,
  steps: 40,
  absent: 0.2,
  ridge: 0.05,
  ridgeExponent: 0.5,
  seed: 3,
};

/** The objective in f64, straight from its definition. `w`: playlists, `h`: tracks, as arrays of rows. */
function objective(w: readonly Float64Array[], h: readonly Float64Array[], settings: FactorsSettings): number {
  const dot = (a: Float64Array, b: Float64Array) => a.reduce((sum, value, i) => sum + value * b[i]!, 0);
  const ridgeOf = (held: number, others: number) =>
    settings.ridge * (held + settings.absent * others) ** settings.ridgeExponent;
  let sum = 0;
  for (const [p, row] of w.entries()) {
    const held = new Set(matrix.rows.subarray(matrix.starts[p]!, matrix.starts[p + 1]!));
    for (const [t, other] of h.entries()) {
      const score = dot(row, other);
      sum += settings.absent * score ** 2 + (held.has(t) ? (1 - score) ** 2 : 0);
    }
    sum += ridgeOf(held.size, h.length) * dot(row, row);
  }
  for (const [t, row] of h.entries()) {
    sum += ridgeOf(matrix.holderStarts[t + 1]! - matrix.holderStarts[t]!, w.length) * dot(row, row);
  }
  return sum;
}

const rowsOf = (values: Float32Array, stride: number) =>
  Array.from({ length: values.length / stride }, (_, row) =>
    Float64Array.from(values.subarray(row * stride, (row + 1) * stride)),
  );

test('folding in is the minimum of the objective for one playlist: its gradient is nought', async () => {
  const factors = await factorise(...sides(matrix), SETTINGS);
  const h = rowsOf(factors.tracks, factors.stride);
  const held = [3, 7, 20].map((row) => ({ row, weight: 1 }));
  const w = foldIn(factors, SETTINGS, held);
  const isHeld = new Set(held.map(({ row }) => row));
  const loss = (at: Float64Array) => {
    const square = at.reduce((sum, value) => sum + value ** 2, 0);
    return h.reduce(
      (sum, row, t) => {
        const score = row.reduce((dot, value, i) => dot + value * at[i]!, 0);
        return sum + SETTINGS.absent * score ** 2 + (isHeld.has(t) ? (1 - score) ** 2 : 0);
      },
      SETTINGS.ridge * (held.length + SETTINGS.absent * h.length) ** SETTINGS.ridgeExponent * square,
    );
  };
  for (let i = 0; i < SETTINGS.dimensions; i++) {
    const [up, down] = [1e-4, -1e-4].map((step) => loss(w.map((value, j) => (j === i ? value + step : value))));
    expect(Math.abs((up! - down!) / 2e-4)).toBeLessThan(1e-4);
  }
  // Dimensions are padded with noughts.
  expect([...w.slice(SETTINGS.dimensions)]).toEqual(Array(factors.stride - SETTINGS.dimensions).fill(0));
});

test('each epoch lowers the objective', async () => {
  const losses: number[] = [];
  for (let epochs = 1; epochs <= 4; epochs++) {
    const factors = await factorise(...sides(matrix), { ...SETTINGS, epochs });
    const h = rowsOf(factors.tracks, factors.stride);
    const w = Array.from({ length: matrix.playlists }, (_, p) =>
      foldIn(
        factors,
        { ...SETTINGS, epochs },
        Array.from(matrix.rows.subarray(matrix.starts[p]!, matrix.starts[p + 1]!), (row) => ({ row, weight: 1 })),
      ),
    );
    losses.push(objective(w, h, SETTINGS));
  }
  for (let at = 1; at < losses.length; at++) expect(losses[at]).toBeLessThan(losses[at - 1]!);
});

test('the same bits with any number of threads, and a row that holds nothing is nought', async () => {
  const playlists = { starts: Uint32Array.of(0, 2, 2, 4), held: Uint32Array.of(0, 1, 0, 2) };
  const tracks = { starts: Uint32Array.of(0, 2, 3, 4, 4), held: Uint32Array.of(0, 2, 0, 2) };
  const small = await factorise(playlists, tracks, SETTINGS);
  expect([...small.tracks.slice(3 * small.stride)]).toEqual(Array(small.stride).fill(0));
  const one = await factorise(...sides(matrix), SETTINGS, { threads: 1 });
  const three = await factorise(...sides(matrix), SETTINGS, { threads: 3 });
  expect(three.tracks).toEqual(one.tracks);
});

test('an abort ends it with its reason', async () => {
  const abort = new AbortController();
  const reason = new Error('Ctrl-C');
  const factorising = factorise(...sides(matrix), { ...SETTINGS, epochs: 100_000 }, { signal: abort.signal });
  abort.abort(reason);
  await expect(factorising).rejects.toBe(reason);
});
