import { isExpected, systemCode } from '../base/errors.ts';
import type { Engine } from './engine.ts';
import { isRetryable } from './retry.ts';
import type { Transaction } from './task-queue.ts';

// Waits before the same transaction is tried again: 15 s in all, less than the lease of an attempt.
const AGAIN_MS = [200, 800, 2_000, 4_000, 8_000];

/**
 * A transaction, tried again when the database took it back for the sake of others; with `untilReachable` also while the
 * database is away. `work` may run several times, so it changes nothing but the database.
 */
export async function transact<Result>(
  engine: Engine,
  work: (transaction: Transaction) => Promise<Result>,
  { untilReachable = false }: { readonly untilReachable?: boolean } = {},
): Promise<Result> {
  for (let tries = 0; ; tries++) {
    try {
      return await engine.store.transaction(work);
    } catch (error) {
      const wait = AGAIN_MS[tries];
      const passing = untilReachable ? isRetryable(error) : wasTakenBack(error);
      if (wait === undefined || !passing) throw error;
      engine.log.warn('a transaction is tried again', { error });
      await engine.clock.sleep(wait);
    }
  }
}

/** Rolled back because of others (SQLSTATE class 40: deadlock, serialization), which a server's errors say in words. */
function wasTakenBack(error: unknown): boolean {
  return isExpected(error) ? error.code === 'database-busy' : /^40\w{3}$/.test(systemCode(error) ?? '');
}
