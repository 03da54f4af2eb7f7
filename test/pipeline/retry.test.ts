import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ExpectedError } from '../../src/base/errors.ts';
import { seededRandom } from '../../src/base/random.ts';
import { isRetryable, retryDelay } from '../../src/pipeline/retry.ts';

const details = { why: '', hint: '' };
const passing = new ExpectedError('busy', 'Busy.', { ...details, retryable: true });

describe('retryDelay', () => {
  test('doubles within half and full of its step, up to the cap, the same for the same seed', () => {
    const policy = { firstDelayMs: 1_000, maxDelayMs: 30_000 };
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20 }), fc.integer(), (failures, seed) => {
        const delay = (): number | undefined =>
          retryDelay(passing, { failures, maxAttempts: 21 }, seededRandom(seed), policy);
        const full = Math.min(30_000, 1_000 * 2 ** (failures - 1));
        expect(delay()).toBeGreaterThanOrEqual(full / 2);
        expect(delay()).toBeLessThanOrEqual(full);
        expect(delay()).toBe(delay());
      }),
    );
  });

  test('is never shorter than the error asks for, even beyond the cap', () => {
    const error = new ExpectedError('quota', 'Come back tomorrow.', {
      ...details,
      retryable: true,
      retryAfterMs: 86_400_000,
    });
    expect(retryDelay(error, { failures: 1, maxAttempts: 3 }, seededRandom(1))).toBe(86_400_000);
  });

  test('gives up after the last attempt, and at once where trying again cannot help', () => {
    expect(retryDelay(passing, { failures: 3, maxAttempts: 3 }, seededRandom(1))).toBeUndefined();
    const final = new ExpectedError('bad-file', 'Not a zip.', details);
    expect(retryDelay(final, { failures: 1, maxAttempts: 3 }, seededRandom(1))).toBeUndefined();
  });
});

test.each([
  [true, passing],
  [true, Object.assign(new Error('reset'), { code: 'ECONNRESET' })],
  [true, Object.assign(new Error('deadlock detected'), { code: '40P01' })],
  [true, Object.assign(new Error('the database system is shutting down'), { code: '57P03' })],
  [false, Object.assign(new Error('duplicate key'), { code: '23505' })],
  [false, Object.assign(new Error('no such file'), { code: 'ENOENT' })],
  [false, new TypeError('undefined is not a function')],
  [false, 'a string'],
])('isRetryable is %s for %s', (expected, error) => {
  expect(isRetryable(error)).toBe(expected);
});
