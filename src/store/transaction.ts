import type { Kysely } from 'kysely';
import type { Database } from './schema.ts';

/** Runs `work` in the transaction it was called in, or else in one of its own. */
export async function inTransaction<Result>(
  db: Kysely<Database>,
  work: (transaction: Kysely<Database>) => Promise<Result>,
): Promise<Result> {
  return db.isTransaction ? await work(db) : await db.transaction().execute(work);
}
