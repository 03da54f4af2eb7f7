// What the account showed of tracks: other instances of the same recording, and what cannot be played any more.
import { type Kysely, sql } from 'kysely';
import { chunks, rowList, textArray } from './rows.ts';
import type { Database } from './schema.ts';

export interface TrackAlias {
  readonly aliasId: string;
  /** Must be stored already. */
  readonly trackId: string;
  readonly reason: 'relinked' | 'matched-by-isrc' | 'matched-by-name';
}

/** Notes under which other ids tracks were seen; the first note of an id stays. */
export async function saveAliases(db: Kysely<Database>, aliases: readonly TrackAlias[], notedAt: Date): Promise<void> {
  for (const chunk of chunks(aliases)) {
    const rows = chunk.map(({ aliasId, trackId, reason }) => ({ alias: aliasId, track: trackId, reason }));
    await sql`
      insert into track_alias (alias_track_id, track_id, reason, noted_at)
      select distinct on (n.alias) n.alias, n.track, n.reason, ${notedAt}::timestamptz
      from ${rowList('n', rows, { alias: 'text', track: 'text', reason: 'text' })} order by n.alias, n.track
      on conflict (alias_track_id) do nothing`.execute(db);
  }
}

/** Says of tracks that Spotify does not play them for this account. */
export async function markUnplayable(db: Kysely<Database>, trackIds: readonly string[]): Promise<void> {
  if (trackIds.length === 0) return;
  await sql`update track set is_playable = false where track_id = any(${textArray(trackIds)})`.execute(db);
}

/** Ids of the tracks that Spotify does not play. */
export async function readUnplayable(db: Kysely<Database>): Promise<Set<string>> {
  const rows = await db.selectFrom('track').select('track_id').where('is_playable', '=', false).execute();
  return new Set(rows.map((row) => row.track_id));
}
