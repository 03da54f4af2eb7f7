import fc from 'fast-check';
import { expect, test } from 'vitest';
import { meanVector, nearest, searchable, topRows } from '../../src/vectors/nearest.ts';

/** Small integers make ties common and every sum exact, so results must be identical, not close. */
const world = fc.record({ d: fc.integer({ min: 1, max: 5 }), n: fc.integer({ min: 0, max: 40 }) }).chain(({ d, n }) =>
  fc.record({
    d: fc.constant(d),
    values: fc.array(fc.integer({ min: -2, max: 2 }), { minLength: n * d, maxLength: n * d }),
    query: fc.array(fc.integer({ min: -2, max: 2 }), { minLength: d, maxLength: d }),
    excluded: fc.array(fc.integer({ min: 0, max: 1 }), { minLength: n, maxLength: n }),
    k: fc.integer({ min: 0, max: 50 }),
    measure: fc.constantFrom('cosine' as const, 'dot' as const),
  }),
);

test('the same rows in the same order as a plain f64 scan, filtered, ties by row', () => {
  fc.assert(
    fc.property(world, ({ d, values, query, excluded, k, measure }) => {
      const length = (vector: number[]) => Math.sqrt(vector.reduce((sum, x) => sum + x * x, 0));
      const plain = Array.from({ length: values.length / d }, (_, row) => {
        const vector = values.slice(row * d, (row + 1) * d);
        const dot = vector.reduce((sum, x, i) => sum + x * query[i]!, 0);
        const scale = measure === 'cosine' ? length(query) * length(vector) : 1;
        return { row, score: scale === 0 ? 0 : dot / scale };
      })
        .filter(({ row }) => excluded[row] === 0)
        .sort((a, b) => b.score - a.score || a.row - b.row)
        .slice(0, k);
      const vectors = searchable(Float32Array.from(values), d);
      expect(nearest(vectors, query, { k, measure, excluded: Uint8Array.from(excluded) })).toEqual(plain);
    }),
    { numRuns: 300 },
  );
});

test('a weighted sum of rows is a query', () => {
  const vectors = searchable(Float32Array.of(1, 0, 0, 1, 3, 4), 2);
  expect([...meanVector(vectors, [0, 1], [3, 1])]).toEqual([0.75, 0.25]);
  expect([...meanVector(vectors, [0, 1])]).toEqual([0.5, 0.5]);
  expect([...meanVector(vectors, [2, 0], [1, 1], true)].map((x) => Math.round(x * 10) / 10)).toEqual([0.8, 0.4]);
});

test('no rows asked for, none given', () => {
  expect(topRows(Float64Array.of(1, 2), 0)).toEqual([]);
  expect(topRows(new Float64Array(0), 5)).toEqual([]);
});
