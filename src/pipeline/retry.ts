import { isExpected, systemCode } from '../base/errors.ts';
import type { Random } from '../base/random.ts';
import { type BackOff, delayAfter } from '../base/retry.ts';

// 5 s outlasts a dropped connection, 10 min a restart of whatever failed; five attempts then span about a minute and a half.
export const defaultBackOff: BackOff = { firstDelayMs: 5_000, maxDelayMs: 600_000 };

// What a network or a database says about itself when the same call may succeed later. SQLSTATE: 08 connection, 40 rolled
// back, 53300 too many connections, 55P03 lock not available, 57P01 to 57P03 server going down or coming up.
const PASSING =
  /^(?:ECONN\w+|ETIMEDOUT|EPIPE|EAI_AGAIN|ENETUNREACH|EHOSTUNREACH|08\w{3}|40\w{3}|53300|55P03|57P0[1-3])$/;

/** Whether the same attempt may succeed later with nobody changing anything: the error's own nature decides. */
export function isRetryable(error: unknown): boolean {
  if (isExpected(error)) return error.retryable;
  // A bug fails again in the same way; repeating it only hides it.
  return PASSING.test(systemCode(error) ?? '');
}

/**
 * Milliseconds until the next attempt, or undefined when the failure is final. `failures` counts this one. The wait is that
 * of `delayAfter`, and never shorter than the error's `retryAfterMs`.
 */
export function retryDelay(
  error: unknown,
  { failures, maxAttempts }: { readonly failures: number; readonly maxAttempts: number },
  random: Random,
  backOff: BackOff = defaultBackOff,
): number | undefined {
  if (!isRetryable(error) || failures >= maxAttempts) return undefined;
  return Math.max(delayAfter(failures, backOff, random), isExpected(error) ? (error.retryAfterMs ?? 0) : 0);
}
