import { type Kysely, sql } from 'kysely';
import type { Database } from './schema.ts';

/** A refusal of all calls that outlives the process. */
export interface SpotifyBlock {
  readonly kind: 'rate-limit' | 'quota';
  readonly blockedUntil: Date;
  /** One sentence for people. */
  readonly reason: string;
}

/** The last block of a developer account's app, over or not. */
export async function findBlock(db: Kysely<Database>, clientId: string): Promise<SpotifyBlock | undefined> {
  return await db
    .selectFrom('spotify_block')
    .select(['kind', 'blocked_until as blockedUntil', 'reason'])
    .where('client_id', '=', clientId)
    .executeTakeFirst();
}

export async function saveBlock(
  db: Kysely<Database>,
  clientId: string,
  { kind, blockedUntil, reason }: SpotifyBlock,
  at: Date,
): Promise<void> {
  const row = { kind, blocked_until: blockedUntil, reason, recorded_at: at };
  await db
    .insertInto('spotify_block')
    .values({ client_id: clientId, ...row })
    .onConflict((conflict) => conflict.column('client_id').doUpdateSet(row))
    .execute();
}

// A week of hours is enough to look at; the count needs one day.
const KEPT = sql`interval '7 days'`;

/** Counts one call in its hour, and forgets hours older than a week. */
export async function countCall(db: Kysely<Database>, clientId: string, at: Date): Promise<void> {
  await sql`
    with old as (delete from spotify_call_hour where client_id = ${clientId} and hour < ${at}::timestamptz - ${KEPT})
    insert into spotify_call_hour (client_id, hour, calls)
    values (${clientId}, date_trunc('hour', ${at}::timestamptz), 1)
    on conflict (client_id, hour) do update set calls = spotify_call_hour.calls + 1`.execute(db);
}

/** Calls in the 24 hours before `now`; the hour that lies half outside counts in full, so rather too many. */
export async function callsInLastDay(db: Kysely<Database>, clientId: string, now: Date): Promise<number> {
  const { rows } = await sql<{ calls: number }>`
    select coalesce(sum(calls), 0)::integer as calls from spotify_call_hour
    where client_id = ${clientId} and hour > ${now}::timestamptz - interval '25 hours'
      and hour <= ${now}::timestamptz`.execute(db);
  return rows[0]!.calls;
}

/** The `BlockMemory` of the Spotify client: blocks and counts that survive restarts and are shared by processes. */
export function blockMemory(db: Kysely<Database>) {
  return {
    load: async (clientId: string, now: Date) => ({
      block: await findBlock(db, clientId),
      callsInLastDay: await callsInLastDay(db, clientId, now),
    }),
    save: (clientId: string, block: SpotifyBlock, now: Date) => saveBlock(db, clientId, block, now),
    countCall: (clientId: string, at: Date) => countCall(db, clientId, at),
  };
}
