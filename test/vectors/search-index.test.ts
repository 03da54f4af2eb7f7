import { totalmem } from 'node:os';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { type Random, seededRandom } from '../../src/base/random.ts';
import { nearest, type SearchOptions, searchable } from '../../src/vectors/nearest.ts';
import { indexVectors, SearchIndex } from '../../src/vectors/search-index.ts';
import { blocksPerShare, type SearchWork, startSearchKernel } from '../../src/vectors/search-kernel.ts';
import { holdVectors, reserveVectors } from '../../src/vectors/search-memory.ts';
import { placeQuery } from '../../src/vectors/search-queries.ts';

const PRECISIONS = ['f32', 'int8'] as const;

/** Values of every kind: ordinary ones, small whole numbers (ties), very long, very short, zero. */
const value = fc.oneof(
  { arbitrary: fc.float({ min: -4, max: 4, noNaN: true }), weight: 6 },
  { arbitrary: fc.integer({ min: -2, max: 2 }), weight: 4 },
  { arbitrary: fc.float({ noNaN: true, noDefaultInfinity: true }), weight: 1 },
  { arbitrary: fc.constantFrom(0, 1e-45, -1e-40, 3e38, -1e30, 1e-30), weight: 1 },
);

const world = fc
  .record({ d: fc.integer({ min: 1, max: 21 }), n: fc.integer({ min: 0, max: 70 }), q: fc.integer({ min: 1, max: 7 }) })
  .chain(({ d, n, q }) =>
    fc.record({
      d: fc.constant(d),
      values: fc.array(value, { minLength: n * d, maxLength: n * d }),
      repeat: fc.boolean(),
      queries: fc.array(fc.array(value, { minLength: d, maxLength: d }), { minLength: q, maxLength: q }),
      excluded: fc.option(fc.array(fc.integer({ min: 0, max: 1 }), { minLength: n, maxLength: n }), { nil: undefined }),
      only: fc.option(fc.array(fc.nat(Math.max(0, n - 1))), { nil: undefined }),
      k: fc.integer({ min: 0, max: 80 }),
      measure: fc.constantFrom('cosine' as const, 'dot' as const),
    }),
  );

test.each(PRECISIONS)(
  '%s: the rows, order and scores of a plain f64 scan, single and batched, filtered',
  async (precision) => {
    await fc.assert(
      fc.asyncProperty(world, async ({ d, values, repeat, queries, excluded, only, k, measure }) => {
        const rows = Float32Array.from(values);
        // Equal rows, so that ties are common.
        if (repeat && rows.length >= 2 * d) rows.copyWithin(d * ((rows.length / d) >> 1), 0, d);
        const vectors = searchable(rows, d);
        const index = indexVectors(rows, d, { precision });
        const options = {
          k,
          measure,
          ...(excluded === undefined ? {} : { excluded: Uint8Array.from(excluded) }),
          ...(only === undefined || rows.length === 0 ? {} : { only }),
        };
        const plain = queries.map((query) => nearest(vectors, query, options));
        expect(await index.nearestBatch(queries, options)).toEqual(plain);
        expect(await index.nearest(queries[0]!, options)).toEqual(plain[0]);
      }),
      { numRuns: 400 },
    );
  },
);

/** Matrices in which most rows can be passed over, each with its own way to pass over the wrong ones. */
const MATRICES: { readonly [name: string]: (random: Random, n: number, d: number) => Float32Array } = {
  ordinary: (random, n, d) => Float32Array.from({ length: n * d }, () => normal(random)),
  'rising towards one row': (random, n, d) => {
    const goal = Float32Array.from({ length: d }, () => normal(random));
    return Float32Array.from(
      { length: n * d },
      (_, i) => (Math.floor(i / d) / n) * goal[i % d]! + 0.1 * normal(random),
    );
  },
  'hardly different from each other': (random, n, d) => {
    const goal = Float32Array.from({ length: d }, () => normal(random));
    return Float32Array.from({ length: n * d }, (_, i) => goal[i % d]! * (1 + 3e-7 * normal(random)));
  },
  'groups of equal rows': (random, n, d) => {
    const values = Float32Array.from({ length: n * d }, () => normal(random));
    for (let row = 0; row < n; row += 7) values.copyWithin(row * d, (row % 35) * d, ((row % 35) + 1) * d);
    return values;
  },
  'one value far above the others': (random, n, d) =>
    Float32Array.from({ length: n * d }, () => normal(random) * (random() < 1 / d ? 50 : 1)),
  'of very different lengths, some zero': (random, n, d) => {
    const lengths = Float64Array.from({ length: n }, () => (random() < 0.1 ? 0 : 10 ** (60 * random() - 30)));
    return Float32Array.from({ length: n * d }, (_, i) => lengths[Math.floor(i / d)]! * normal(random));
  },
};

function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

describe.each(Object.entries(MATRICES))('rows %s', (name, make) => {
  const random = seededRandom(name.length);
  const n = 6001;
  const d = 16 + Math.floor(random() * 32);
  const values = make(random, n, d);
  const vectors = searchable(values, d);
  const rowAt = (row: number) => values.slice(row * d, (row + 1) * d);
  const queries = [
    rowAt(0),
    rowAt(n - 1),
    rowAt(n >> 1).map((x) => -x),
    ...Array.from({ length: 5 }, () => Float64Array.from({ length: d }, () => normal(random))),
    new Float64Array(d),
    Float64Array.from({ length: d }, () => 1e-200 * normal(random)),
    Float64Array.from({ length: d }, () => 1e100 * normal(random)),
  ];
  const excluded = Uint8Array.from({ length: n }, () => (random() < 0.3 ? 1 : 0));
  const only = Array.from({ length: 40 }, () => Math.floor(random() * n));
  const searches: SearchOptions[] = (['cosine', 'dot'] as const).flatMap((measure) => [
    { measure, k: 10 },
    { measure, k: 1, excluded },
    { measure, k: 300, excluded },
    { measure, k: 10, only },
    { measure, k: n + 1, only, excluded },
  ]);

  describe.each(PRECISIONS)('%s', (precision) => {
    const here = indexVectors(values, d, { precision });
    const threads = indexVectors(values, d, { precision, threads: 2, stayBelow: 0 });
    afterAll(() => threads.close());

    test.each([
      ['here', here],
      ['2 threads', threads],
    ])('%s', async (_, index) => {
      for (const options of searches) {
        const plain = queries.map((query) => nearest(vectors, query, options));
        expect(await index.nearestBatch(queries, options)).toEqual(plain);
        for (const at of [0, 3, 8]) expect(await index.nearest(queries[at]!, options)).toEqual(plain[at]);
      }
    });
  });
});

test('a row is found whose codes are at right angles to the query, since rounding took all that they share', async () => {
  const d = 32;
  const n = 400;
  const values = new Float32Array(n * d);
  for (let row = 0; row < n; row++) values.set([127, 14 - row / n], row * d);
  // Its codes are 127 and zeros.
  values.fill(0.49, (n - 1) * d + 1);
  const query = new Float64Array(d).fill(1, 1);
  const vectors = searchable(values, d);
  const index = indexVectors(values, d, { precision: 'int8' });
  for (const measure of ['cosine', 'dot'] as const) {
    const plain = nearest(vectors, query, { k: 2, measure });
    expect(plain.map(({ row }) => row)).toEqual([n - 1, 0]);
    expect(await index.nearest(query, { k: 2, measure })).toEqual(plain);
    expect(await index.nearestBatch([query, query], { k: 2, measure })).toEqual([plain, plain]);
  }
});

test('more queries than one pass takes, and many searches at once', async () => {
  const random = seededRandom(1);
  const values = Float32Array.from({ length: 900 * 8 }, () => normal(random));
  const queries = Array.from({ length: 150 }, () => Float64Array.from({ length: 8 }, () => normal(random)));
  const vectors = searchable(values, 8);
  const index = indexVectors(values, 8);
  for (const k of [3, 900]) {
    const options = { k, measure: 'cosine' } as const;
    const plain = queries.map((query) => nearest(vectors, query, options));
    expect(await index.nearestBatch(queries, options)).toEqual(plain);
    expect(await Promise.all(queries.map((query) => index.nearest(query, options)))).toEqual(plain);
  }
  expect(await index.nearestBatch([], { k: 3, measure: 'dot' })).toEqual([]);
});

test('two indexes over one memory do not disturb each other', async () => {
  const random = seededRandom(2);
  const values = Float32Array.from({ length: 5000 * 12 }, () => normal(random));
  const held = holdVectors(values, 12);
  const indexes = [new SearchIndex(held), new SearchIndex(held, { threads: 2, stayBelow: 0 })];
  const queries = Array.from({ length: 20 }, () => Float64Array.from({ length: 12 }, () => normal(random)));
  const vectors = searchable(values, 12);
  const excluded = Uint8Array.from({ length: 5000 }, () => (random() < 0.5 ? 1 : 0));
  const options = [
    { k: 9, measure: 'cosine' as const },
    { k: 700, measure: 'dot' as const, excluded },
  ];
  const searches = queries.flatMap((query) => options.map((option) => ({ query, option })));
  const found = searches.map(({ query, option }, i) => indexes[i % 3 === 0 ? 1 : 0]!.nearest(query, option));
  expect(await Promise.all(found)).toEqual(searches.map(({ query, option }) => nearest(vectors, query, option)));
  for (const index of indexes) await index.close();
});

test('threads end when closed and start again when asked', async () => {
  const index = indexVectors(Float32Array.of(1, 0, 0, 1), 2, { threads: 2, stayBelow: 0 });
  const options = { k: 1, measure: 'dot' } as const;
  expect(await index.nearest([0, 2], options)).toEqual([{ row: 1, score: 2 }]);
  await index.close();
  expect(await index.nearest([3, 0], options)).toEqual([{ row: 0, score: 3 }]);
  await index.close();
  await index.close();
});

test('rows that are no numbers are never found; such queries are refused', async () => {
  const values = Float32Array.of(Number.NaN, 1, 2, 2, 0, Number.POSITIVE_INFINITY, 1, 1);
  for (const precision of PRECISIONS) {
    const index = indexVectors(values, 2, { precision });
    for (const measure of ['cosine', 'dot'] as const) {
      const options = { k: 9, measure };
      expect(await index.nearest([1, 0.5], options)).toEqual(nearest(searchable(values, 2), [1, 0.5], options));
    }
    const refused = expect.objectContaining({ code: 'bad-query' });
    for (const query of [[1], [1, 2, 3], [Number.NaN, 0], [Number.POSITIVE_INFINITY, 0], [1e200, 0]]) {
      await expect(index.nearest(query, { k: 1, measure: 'dot' })).rejects.toThrow(refused);
    }
  }
});

const GIB = 2 ** 30;
test.skipIf(totalmem() < 4 * GIB)('rows, codes and best rows above 2 GiB', () => {
  const d = 100;
  const n = 5_600_000;
  const before = process.memoryUsage().rss;
  const vectors = reserveVectors(n, d);
  const { area } = vectors;
  expect(vectors.values.byteLength).toBeGreaterThan(2 * GIB);
  // Only the last rows are ever touched: all others cost no memory.
  const random = seededRandom(3);
  const first = n - 300;
  for (let i = first * d; i < n * d; i++) vectors.values[i] = normal(random);
  const query = vectors.values.slice((n - 7) * d, (n - 6) * d);
  const plain = searchable(vectors.values.slice(first * d), d);
  const kernel = startSearchKernel(area, 7);
  const next = new Int32Array(area.memory.buffer, area.at.next, 1);
  const shares = (queries: number) => Math.floor(first / 4 / blocksPerShare(d, queries));
  // Rows before them in the same share are zero: they count for nothing here.
  const mask = new Uint8Array(area.memory.buffer, area.at.mask, n);
  mask.fill(1, first - 50_000, first);

  next[0] = shares(1);
  while (kernel.takeShare({ kind: 'encode' }));
  for (const precision of PRECISIONS) {
    for (const queries of [1, 5]) {
      const work: SearchWork = { kind: 'scan', precision, measure: 'cosine', queries, k: 20, masked: true };
      for (let slot = 0; slot < queries; slot++) placeQuery(area, slot, query, 'cosine');
      next[0] = shares(queries);
      kernel.begin(work);
      while (kernel.takeShare(work));
      const from = 7 * area.mostKept + (queries - 1) * 20;
      const scores = new Float64Array(area.memory.buffer, area.at.bestScores + from * 8, 20);
      const rows = new Uint32Array(area.memory.buffer, area.at.bestRows + from * 4, 20);
      const found = Array.from(rows, (row, i) => ({ row: row - first, score: scores[i]! }));
      expect(found.sort((a, b) => b.score - a.score || a.row - b.row)).toEqual(
        nearest(plain, query, { k: 20, measure: 'cosine' }),
      );
    }
  }
  expect(process.memoryUsage().rss - before).toBeLessThan(GIB / 4);
});

test.skipIf(totalmem() < 4 * GIB)(
  'without room for the copy a matrix is searched in f32; what does not fit is refused',
  () => {
    expect(reserveVectors(6_900_000, 100).hasCodes).toBe(true);
    expect(reserveVectors(8_300_000, 100).hasCodes).toBe(false);
    expect(() => reserveVectors(9_000_000, 100)).toThrow(expect.objectContaining({ code: 'too-much-for-the-kernel' }));
  },
);
