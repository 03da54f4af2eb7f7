import { sql } from 'kysely';
import { asError, ExpectedError } from '../base/errors.ts';
import type { Store } from './connect.ts';

/**
 * Answers one statement of the owner's without letting it change anything: it runs in a read-only transaction.
 * Throws ExpectedError `bad-query` with what the database says.
 */
export async function queryReadOnly(store: Store, statement: string): Promise<Record<string, unknown>[]> {
  try {
    return await store.transaction(async (db) => {
      await sql`set transaction read only`.execute(db);
      const { rows } = await sql<Record<string, unknown>>`${sql.raw(statement)}`.execute(db);
      return rows;
    });
  } catch (error) {
    throw new ExpectedError('bad-query', 'The query could not be answered.', {
      why: `The database says: ${asError(error).message}.`,
      hint: 'Only reading statements are allowed; "select * from information_schema.tables" lists what there is.',
      cause: error,
    });
  }
}
