import fc from 'fast-check';
import { expect, test } from 'vitest';
import { seededRandom } from '../../src/base/random.ts';
import { symmetricMatrix } from '../../src/vectors/inverse.ts';

/** A positive definite matrix: B B' / n + ridge, full, row-major. */
function positive(n: number, seed: number, ridge: number): Float64Array {
  const random = seededRandom(seed);
  const b = Float64Array.from({ length: n * n }, () => random() * 2 - 1);
  const a = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      let sum = i === j ? ridge : 0;
      for (let k = 0; k < n; k++) sum += (b[i * n + k]! * b[j * n + k]!) / n;
      a[i * n + j] = sum;
    }
  }
  return a;
}

function fill(a: Float64Array, n: number) {
  const matrix = symmetricMatrix(n);
  for (let i = 0; i < n; i++) for (let j = 0; j <= i; j++) matrix.values[i * matrix.stride + j] = a[i * n + j]!;
  return matrix;
}

test('matrix times inverse is the identity, whatever the size and however many threads', async () => {
  const given = fc.record({
    n: fc.oneof(fc.integer({ min: 1, max: 20 }), fc.constantFrom(63, 64, 65, 130)),
    threads: fc.integer({ min: 1, max: 3 }),
    seed: fc.nat(1e6),
    ridge: fc.constantFrom(0.1, 1, 10),
  });
  await fc.assert(
    fc.asyncProperty(given, async ({ n, threads, seed, ridge }) => {
      const a = positive(n, seed, ridge);
      const matrix = fill(a, n);
      await matrix.invert({ threads });
      const inverse = (i: number, j: number) => matrix.values[Math.max(i, j) * matrix.stride + Math.min(i, j)]!;
      let worst = 0;
      for (let i = 0; i < n; i++) {
        for (let j = 0; j < n; j++) {
          let sum = 0;
          for (let k = 0; k < n; k++) sum += a[i * n + k]! * inverse(k, j);
          worst = Math.max(worst, Math.abs(sum - (i === j ? 1 : 0)));
        }
      }
      // f32 has seven digits; a ridge of .1 against eigenvalues of up to 2 takes one or two of them.
      expect(worst).toBeLessThan(1e-4);
    }),
    { numRuns: 15 },
  );
});

test('the same bits with any number of threads', async () => {
  const a = positive(150, 1, 1);
  const [one, three] = await Promise.all(
    [1, 3].map(async (threads) => {
      const matrix = fill(a, 150);
      await matrix.invert({ threads });
      return matrix.values.slice();
    }),
  );
  expect(three).toEqual(one);
});

test('stops where it is aborted', async () => {
  const matrix = fill(positive(200, 1, 1), 200);
  const abort = new AbortController();
  const reason = new Error('Ctrl-C');
  const inverted = matrix.invert({ threads: 2, signal: abort.signal });
  abort.abort(reason);
  await expect(inverted).rejects.toBe(reason);
  await expect(matrix.invert({ signal: abort.signal })).rejects.toBe(reason);
});
