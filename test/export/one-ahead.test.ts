import fc from 'fast-check';
import { expect, test } from 'vitest';
import { oneAhead } from '../../src/base/one-ahead.ts';

async function* counted(values: readonly number[], log: string[], failAt = -1): AsyncGenerator<number> {
  try {
    for (const [index, value] of values.entries()) {
      if (index === failAt) throw new Error('no more');
      log.push(`make ${value}`);
      yield value;
    }
  } finally {
    log.push('closed');
  }
}

test('gives the same values in the same order, and the same failure after them', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer()), fc.integer({ min: 0, max: 12 }), async (values, failAt) => {
      const got: number[] = [];
      const log: string[] = [];
      const reading = (async () => {
        for await (const value of oneAhead(counted(values, log, failAt))) got.push(value);
      })();
      if (failAt < values.length) await expect(reading).rejects.toThrow('no more');
      else await reading;
      expect(got).toEqual(values.slice(0, failAt));
      expect(log.at(-1)).toBe('closed');
    }),
  );
});

test('is one ahead, never two, and closes its source when the consumer stops', async () => {
  const log: string[] = [];
  for await (const value of oneAhead(counted([1, 2, 3, 4], log))) {
    await new Promise((resolve) => setImmediate(resolve));
    log.push(`use ${value}`);
    if (value === 2) break;
  }
  expect(log).toEqual(['make 1', 'make 2', 'use 1', 'make 3', 'use 2', 'closed']);
});
