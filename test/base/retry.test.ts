import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../src/base/clock.ts';
import { ExpectedError } from '../../src/base/errors.ts';
import { seededRandom } from '../../src/base/random.ts';
import { type RetryPolicy, retry } from '../../src/base/retry.ts';

const policy: RetryPolicy = { maxAttempts: 4, firstDelayMs: 1_000, maxDelayMs: 30_000 };
const failure = (retryable: boolean, retryAfterMs?: number) =>
  new ExpectedError('down', 'Down.', { why: 'w', hint: 'h', retryable, ...(retryAfterMs ? { retryAfterMs } : {}) });

function world() {
  return { clock: new ManualClock(new Date('2026-11-22T00:00:00Z')), random: seededRandom(1) };
}

describe('retry', () => {
  it('waits longer each time and gives what the last attempt gives', async () => {
    const effects = world();
    const seen: number[] = [];
    const result = await retry(
      async (attempt) => {
        seen.push(attempt);
        if (attempt < 4) throw failure(true);
        return 'done';
      },
      policy,
      effects,
    );
    expect(result).toBe('done');
    expect(seen).toEqual([1, 2, 3, 4]);
    effects.clock.slept.forEach((ms, index) => {
      expect(ms).toBeGreaterThanOrEqual(500 * 2 ** index);
      expect(ms).toBeLessThanOrEqual(1_000 * 2 ** index);
    });
    expect(effects.clock.slept).toHaveLength(3);
  });

  it('throws the last error unchanged after the last attempt', async () => {
    const errors = [failure(true), failure(true), failure(true), failure(true)];
    await expect(retry(async (attempt) => Promise.reject(errors[attempt - 1]), policy, world())).rejects.toBe(
      errors[3],
    );
  });

  it('does not repeat what is not retryable, and no bug', async () => {
    for (const error of [failure(false), new TypeError('a bug')]) {
      let calls = 0;
      const fail = async () => {
        calls++;
        throw error;
      };
      await expect(retry(fail, policy, world())).rejects.toBe(error);
      expect(calls).toBe(1);
    }
  });

  it("waits at least the error's own time, and throws at once where that is longer than anyone should sleep", async () => {
    const patient = world();
    await retry(async (attempt) => (attempt === 1 ? Promise.reject(failure(true, 20_000)) : 1), policy, patient);
    expect(patient.clock.slept).toEqual([20_000]);

    const blocked = world();
    await expect(retry(async () => Promise.reject(failure(true, 48_925_000)), policy, blocked)).rejects.toThrow(
      'Down.',
    );
    expect(blocked.clock.slept).toEqual([]);
  });

  it('stops when told to', async () => {
    const stop = new AbortController();
    const reason = new Error('stopped');
    const attempt = retry(
      async () => {
        stop.abort(reason);
        throw failure(true);
      },
      policy,
      { ...world(), signal: stop.signal },
    );
    await expect(attempt).rejects.toBe(reason);
  });
});
