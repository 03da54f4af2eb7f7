import fc from 'fast-check';
import { expect, test } from 'vitest';
import { nearest, searchable } from '../../src/vectors/nearest.ts';
import { indexVectors } from '../../src/vectors/search-index.ts';

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
