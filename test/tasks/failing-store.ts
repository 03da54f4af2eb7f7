import type { KyselyPlugin } from 'kysely';
import { ExpectedError } from '../../src/base/errors.ts';
import type { Store } from '../../src/store/connect.ts';

/** The store as it is for a process whose nth statement and all that follow fail: before they run, or after. */
export function failingStore(
  store: Store,
  n: number,
  when: 'before' | 'after',
): { store: Store; statements(): number } {
  let statements = 0;
  const fail = () => {
    throw new ExpectedError('database-unreachable', 'The database does not answer.', {
      why: 'The test says so.',
      hint: 'Try again.',
      retryable: true,
    });
  };
  const plugin: KyselyPlugin = {
    transformQuery({ node }) {
      statements++;
      if (when === 'before' ? statements >= n : statements > n) fail();
      return node;
    },
    async transformResult({ result }) {
      if (when === 'after' && statements >= n) fail();
      return result;
    },
  };
  const db = store.db.withPlugin(plugin);
  const failing: Store = { ...store, db, transaction: (work) => db.transaction().execute(work) };
  return { store: failing, statements: () => statements };
}
