import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../src/base/random.ts';
import { logisticLoss, sigmoid } from '../../src/vectors/sigmoid.ts';
import {
  beginPlaylist,
  cbowStep,
  endPlaylist,
  negativeSamplingStep,
  playlistStep,
  skipGramStep,
} from '../../src/vectors/steps.ts';

function matrix(rows: number, d: number, seed: number, scale = 0.5): Float32Array {
  const random = seededRandom(seed);
  return Float32Array.from({ length: rows * d }, () => (random() * 2 - 1) * scale);
}

/** The loss of the paper's equation 4 in f64, straight from its definition. */
function exactLoss(hidden: ArrayLike<number>, output: ArrayLike<number>, targets: readonly number[]): number {
  const d = hidden.length;
  let loss = 0;
  for (const [t, row] of targets.entries()) {
    if (t > 0 && row === targets[0]) continue;
    let logit = 0;
    for (let i = 0; i < d; i++) logit += hidden[i]! * output[row * d + i]!;
    loss += Math.log1p(Math.exp(t === 0 ? -logit : logit));
  }
  return loss;
}

function numericGradient(values: Float64Array, loss: (values: Float64Array) => number): Float64Array {
  const step = 1e-5;
  return values.map((value, i) => {
    const up = values.slice();
    const down = values.slice();
    up[i] = value + step;
    down[i] = value - step;
    return (loss(up) - loss(down)) / (2 * step);
  });
}

function expectClose(actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number): void {
  const worst = Math.max(0, ...Array.from(expected, (value, i) => Math.abs(value - actual[i]!)));
  expect(worst, 'largest difference').toBeLessThan(tolerance);
}

describe('the sigmoid table', () => {
  test('agrees with 1 / (1 + e^-x) and its log', () => {
    for (let x = -7.99; x < 8; x += 0.0137) {
      expect(Math.abs(sigmoid(x) - 1 / (1 + Math.exp(-x)))).toBeLessThan(1e-6);
      expect(Math.abs(logisticLoss(x) - Math.log1p(Math.exp(-x)))).toBeLessThan(3e-6);
    }
    expect([sigmoid(9), sigmoid(-9), logisticLoss(9), logisticLoss(-9)]).toEqual([1, 0, 0, 9]);
  });
});

describe('gradients against numeric differentiation', () => {
  const d = 6;
  const rate = 0.01;

  test('negative sampling moves output rows and hidden vector down the gradient', () => {
    const hidden = matrix(1, d, 1);
    const before = matrix(5, d, 2);
    const output = before.slice();
    const error = new Float32Array(d);
    // Row 3 is drawn as noise although it is the target, and must be skipped.
    const targets = [3, 0, 3, 4];
    const loss = negativeSamplingStep(hidden, output, Int32Array.from(targets), 4, rate, error);

    expect(loss).toBeCloseTo(exactLoss(hidden, before, targets), 4);
    const byHidden = numericGradient(Float64Array.from(hidden), (h) => exactLoss(h, before, targets));
    expectClose(
      error,
      byHidden.map((slope) => -rate * slope),
      2e-6,
    );
    const byOutput = numericGradient(Float64Array.from(before), (o) => exactLoss(hidden, o, targets));
    expectClose(
      output.map((value, i) => value - before[i]!),
      byOutput.map((slope) => -rate * slope),
      2e-6,
    );
  });

  test('noise that fits already is left alone, less and less over the unit below the limit; the target never is', () => {
    const hidden = Float32Array.of(1);
    const moveAt = (logit: number, isTarget: boolean) => {
      const output = Float32Array.of(0, logit);
      const targets = isTarget ? Int32Array.of(1) : Int32Array.of(0, 1);
      negativeSamplingStep(hidden, output, targets, targets.length, rate, new Float32Array(1), 5);
      return (logit - output[1]!) / rate;
    };
    expect(moveAt(3, false)).toBeCloseTo(sigmoid(3), 4);
    expect(moveAt(4.5, false)).toBeCloseTo(sigmoid(4.5) / 2, 4);
    expect(moveAt(5, false)).toBe(0);
    expect(moveAt(7, false)).toBe(0);
    expect(moveAt(-3, true)).toBeCloseTo(sigmoid(-3) - 1, 4);
    expect(moveAt(7, true)).toBeCloseTo(sigmoid(7) - 1, 4);
  });

  test('a row drawn twice as noise moves twice, the second time from where the first left it', () => {
    const hidden = matrix(1, d, 3);
    const twice = matrix(3, d, 4);
    const once = twice.slice();
    const error = new Float32Array(d);
    negativeSamplingStep(hidden, twice, Int32Array.of(0, 2, 2), 3, rate, error);
    const first = new Float32Array(d);
    const second = new Float32Array(d);
    negativeSamplingStep(hidden, once, Int32Array.of(0, 2), 2, rate, first);
    const target = once.slice(0, d);
    negativeSamplingStep(hidden, once, Int32Array.of(0, 2), 2, rate, second);
    expectClose(twice.slice(2 * d), once.slice(2 * d), 1e-7);
    expect([...target]).not.toEqual([...once.slice(0, d)]);
  });

  test('skip-gram moves the one input row', () => {
    const input = matrix(5, d, 5);
    const before = input.slice();
    const output = matrix(5, d, 6);
    const outputBefore = output.slice();
    const targets = [1, 0, 4];
    skipGramStep(input, output, 2, Int32Array.from(targets), 3, rate, new Float32Array(d), new Float32Array(d));
    const slope = numericGradient(Float64Array.from(before.slice(2 * d, 3 * d)), (h) =>
      exactLoss(h, outputBefore, targets),
    );
    expectClose(
      input.slice(2 * d, 3 * d).map((value, i) => value - before[2 * d + i]!),
      slope.map((s) => -rate * s),
      2e-6,
    );
    expect([...input.slice(0, 2 * d), ...input.slice(3 * d)]).toEqual([
      ...before.slice(0, 2 * d),
      ...before.slice(3 * d),
    ]);
  });

  test('CBOW gives every context row the error of the mean', () => {
    const input = matrix(5, d, 7);
    const before = input.slice();
    const output = matrix(5, d, 8);
    const outputBefore = output.slice();
    const rows = Int32Array.of(4, 2, 0, 1);
    const targets = [2, 3, 0];
    cbowStep(input, output, rows, 0, 3, 1, Int32Array.from(targets), 3, rate, new Float32Array(d), new Float32Array(d));
    const mean = Float64Array.from({ length: d }, (_, i) => (before[4 * d + i]! + before[i]!) / 2);
    const slope = numericGradient(mean, (h) => exactLoss(h, outputBefore, targets));
    for (const row of [4, 0]) {
      expectClose(
        input.slice(row * d, (row + 1) * d).map((value, i) => value - before[row * d + i]!),
        slope.map((s) => -rate * s),
        2e-6,
      );
    }
    for (const row of [1, 2, 3]) {
      expect([...input.slice(row * d, (row + 1) * d)]).toEqual([...before.slice(row * d, (row + 1) * d)]);
    }
  });
});

test('the running sum over a whole playlist equals CBOW with a window over all of it', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 2, max: 30 }),
      fc.integer({ min: 1, max: 12 }),
      fc.integer({ min: 0, max: 6 }),
      fc.integer({ min: 1, max: 1000 }),
      (length, d, negatives, seed) => {
        const n = 40;
        const random = seededRandom(seed);
        const rows = Int32Array.from(
          Array.from({ length: n }, (_, row) => ({ row, place: random() }))
            .sort((a, b) => a.place - b.place)
            .slice(0, length),
          ({ row }) => row,
        );
        const input = [matrix(n, d, seed), matrix(n, d, seed)] as const;
        const output = [matrix(n, d, seed + 1), matrix(n, d, seed + 1)] as const;
        const hidden = new Float32Array(d);
        const error = new Float32Array(d);
        const sums = { sum: new Float32Array(d), owed: new Float32Array(d) };
        const losses = [0, 0];
        beginPlaylist(input[1], rows, length, sums);
        for (let centre = 0; centre < length; centre++) {
          const targets = Int32Array.from({ length: negatives + 1 }, (_, t) =>
            t === 0 ? rows[centre]! : Math.floor(random() * n),
          );
          const count = targets.length;
          losses[0]! += cbowStep(input[0], output[0], rows, 0, length, centre, targets, count, 0.1, hidden, error);
          losses[1]! += playlistStep(input[1], output[1], length, targets, count, 0.1, sums, hidden, error);
        }
        endPlaylist(input[1], rows, length, sums);
        expectClose(input[1], input[0], 1e-5);
        expectClose(output[1], output[0], 1e-5);
        expect(Math.abs(losses[0]! - losses[1]!)).toBeLessThan(1e-3);
      },
    ),
    { numRuns: 60 },
  );
});
