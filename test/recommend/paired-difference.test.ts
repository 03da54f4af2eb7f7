import fc from 'fast-check';
import { expect, test } from 'vitest';
import { seededRandom } from '../../src/base/random.ts';
import { differenceInterval, pairedDifference } from '../../src/recommend/paired-difference.ts';

const scores = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 2, maxLength: 60 });

test('the interval holds the mean, and turns round with the sides', () => {
  fc.assert(
    fc.property(scores, scores, (some, others) => {
      const length = Math.min(some.length, others.length);
      const [a, b] = [some.slice(0, length), others.slice(0, length)];
      const there = differenceInterval(a, b);
      expect(there).toMatchObject(pairedDifference(a, b));
      const back = differenceInterval(b, a);
      expect(there.low).toBeLessThanOrEqual(there.mean + 1e-12);
      expect(there.high).toBeGreaterThanOrEqual(there.mean - 1e-12);
      expect(back.mean).toBeCloseTo(-there.mean, 12);
      expect(differenceInterval(a, b)).toEqual(there);
    }),
  );
});

test('what is the same in every case is beyond doubt, whatever the cases', () => {
  const baseline = Array.from({ length: 40 }, (_, at) => at / 40);
  const { mean, low, high, error } = differenceInterval(
    baseline.map((score) => score + 0.01),
    baseline,
  );
  for (const each of [mean, low, high]) expect(each).toBeCloseTo(0.01, 12);
  expect(error).toBeCloseTo(0, 12);
});

test('about one interval of twenty misses where there is no difference', () => {
  const random = seededRandom(5);
  const draw = () => Array.from({ length: 80 }, random);
  const misses = Array.from({ length: 300 }, () => differenceInterval(draw(), draw())).filter(
    ({ low, high }) => low > 0 || high < 0,
  );
  expect(misses.length).toBeGreaterThan(3);
  expect(misses.length).toBeLessThan(35);
});

test('no cases, no difference; other cases are a mistake', () => {
  expect(differenceInterval([], [])).toEqual({ mean: 0, error: 0, low: 0, high: 0, cases: 0 });
  expect(() => pairedDifference([1], [])).toThrow('same cases');
});
