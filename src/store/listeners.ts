import type { Kysely } from 'kysely';
import type { Database } from './schema.ts';

/** Names of all listeners, by id. */
export async function listenerNames(db: Kysely<Database>): Promise<Map<number, string>> {
  const rows = await db.selectFrom('listener').select(['listener_id', 'name']).execute();
  return new Map(rows.map(({ listener_id, name }) => [listener_id, name]));
}

/** The id of the listener of this name, who is added when missing. */
export async function ensureListener(db: Kysely<Database>, name: string): Promise<number> {
  const find = () => db.selectFrom('listener').select('listener_id').where('name', '=', name).executeTakeFirst();
  const found = await find();
  if (found) return found.listener_id;
  await db
    .insertInto('listener')
    .values({ name })
    .onConflict((conflict) => conflict.column('name').doNothing())
    .execute();
  return (await find())!.listener_id;
}
