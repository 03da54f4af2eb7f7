import { sql } from 'kysely';
import { asError, ExpectedError } from '../base/errors.ts';
import type { Store } from './connect.ts';

/**
 * Answers one statement of the owner's without letting it change anything. In a read-only transaction alone, "commit;
 * delete …" would get out of it, and `set` would outlive it; so the text goes in as a value and is opened as a cursor, which
 * takes one statement that returns rows and nothing else, and the transaction is always rolled back.
 * Throws ExpectedError `bad-query` with what the database says.
 */
export async function queryReadOnly(store: Store, statement: string): Promise<Record<string, unknown>[]> {
  const answered = new Error('rolled back after the answer');
  let rows: Record<string, unknown>[] = [];
  try {
    await store.transaction(async (db) => {
      await sql`set transaction read only`.execute(db);
      await sql`select set_config('segue.query', ${statement}, true)`.execute(db);
      await sql`
        do $$
        declare
          answer refcursor := 'segue_answer';
        begin
          open answer for execute current_setting('segue.query');
        end $$`.execute(db);
      rows = (await sql<Record<string, unknown>>`fetch all from segue_answer`.execute(db)).rows;
      throw answered;
    });
  } catch (error) {
    if (error === answered) return rows;
    const said = asError(error).message;
    throw new ExpectedError('bad-query', 'The query could not be answered.', {
      why: `The database says: ${said}${/[.!?]$/.test(said) ? '' : '.'}`,
      hint: 'One reading statement is allowed; "select table_name from information_schema.tables" lists what there is.',
      cause: error,
    });
  }
  return rows;
}
