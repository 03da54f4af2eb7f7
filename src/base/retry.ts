import type { Clock } from './clock.ts';
import { type ExpectedError, isExpected } from './errors.ts';
import type { Random } from './random.ts';

/** How long to wait between attempts, in milliseconds. */
export interface BackOff {
  /** Wait before the second attempt; it doubles for each further one. */
  readonly firstDelayMs: number;
  /** Longest wait of our own choosing. */
  readonly maxDelayMs: number;
}

/** How often and how patiently to try again. An error that asks for a longer wait than `maxDelayMs` is thrown at once: nobody should sleep through a day's quota. */
export interface RetryPolicy extends BackOff {
  /** Calls in all, the first included. */
  readonly maxAttempts: number;
}

/**
 * Milliseconds to wait after `failures` attempts, counting from 1: exponential, half of it fixed and half random ("equal
 * jitter", AWS Architecture Blog), so that clients that failed together do not come back together.
 */
export function delayAfter(failures: number, { firstDelayMs, maxDelayMs }: BackOff, random: Random): number {
  const full = Math.min(firstDelayMs * 2 ** (failures - 1), maxDelayMs);
  return Math.round(full * (0.5 + random() / 2));
}

export interface RetryEffects {
  readonly clock: Clock;
  readonly random: Random;
  readonly signal?: AbortSignal | undefined;
  /** Told before each wait, for the log. */
  readonly onRetry?: ((error: ExpectedError, attempt: number, delayMs: number) => void) | undefined;
}

/**
 * Calls `fn(attempt)`, attempt counting from 1, until it succeeds, throws an error that is not `retryable`, or
 * `maxAttempts` is reached; then the last error is thrown unchanged. Waits are those of `delayAfter`, and never shorter
 * than the error's own `retryAfterMs`.
 */
export async function retry<T>(
  fn: (attempt: number) => Promise<T>,
  policy: RetryPolicy,
  { clock, random, signal, onRetry }: RetryEffects,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    signal?.throwIfAborted();
    try {
      return await fn(attempt);
    } catch (error) {
      if (!isExpected(error) || !error.retryable || attempt >= policy.maxAttempts) throw error;
      const asked = error.retryAfterMs ?? 0;
      if (asked > policy.maxDelayMs) throw error;
      const delayMs = Math.max(asked, delayAfter(attempt, policy, random));
      onRetry?.(error, attempt, delayMs);
      await clock.sleep(delayMs, signal);
    }
  }
}
