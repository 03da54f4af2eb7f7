import type { Clock } from './clock.ts';
import { type ExpectedError, isExpected } from './errors.ts';
import type { Random } from './random.ts';

/** How often and how patiently to try again. Times in milliseconds. */
export interface RetryPolicy {
  /** Calls in all, the first included. */
  readonly maxAttempts: number;
  /** Wait before the second attempt; it doubles for each further one. */
  readonly firstDelayMs: number;
  /** Longest wait. An error that asks for a longer one is thrown at once: nobody should sleep through a day's quota. */
  readonly maxDelayMs: number;
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
 * `maxAttempts` is reached; then the last error is thrown unchanged. Waits are drawn between half and the whole of the
 * doubled delay, so that clients that failed together do not come back together, and are never shorter than
 * the error's own `retryAfterMs`.
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
      const full = Math.min(policy.firstDelayMs * 2 ** (attempt - 1), policy.maxDelayMs);
      const delayMs = Math.max(asked, full * (0.5 + random() / 2));
      onRetry?.(error, attempt, delayMs);
      await clock.sleep(delayMs, signal);
    }
  }
}
