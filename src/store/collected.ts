// The tables that can be made again from the raw landing.
import { type Kysely, sql } from 'kysely';
import type { Database } from './schema.ts';

/** Tables emptied by `emptyCollected`, children first. */
const COLLECTED = ['play_gap', 'play', 'liked_track', 'playlist_item', 'playlist', 'top_item'] as const;

/** What refers to tracks and is not made from raw files. */
const KEPT_TRACKS = [
  'select track_id from edition_item',
  'select seed_track_id from edition_item',
  'select track_id from edition_seed',
  'select track_id from edition_rejected',
  'select track_id from track_alias',
  'select track_id from audio_feature',
  'select track_id from audio_feature_miss',
];

/**
 * Removes plays, gaps and the library of every listener, and the tracks, albums and artists that nothing else refers to.
 * Listeners, accounts, audio features, aliases, corpora, models, editions, publications, runs and the list of imports stay.
 * For use inside a transaction that fills them again. Returns how many plays there were.
 */
export async function emptyCollected(db: Kysely<Database>): Promise<{ plays: number }> {
  const plays = await countPlays(db);
  for (const table of COLLECTED) await sql`delete from ${sql.table(table)}`.execute(db);
  const kept = sql.raw(KEPT_TRACKS.join(' union all '));
  await sql`
    delete from track
    where not exists (select from (${kept}) as kept where kept.track_id = track.track_id)`.execute(db);
  await sql`
    delete from album where not exists (select from track where track.album_id = album.album_id)`.execute(db);
  await sql`
    delete from artist where not exists (select from track_artist where track_artist.artist_id = artist.artist_id)
      and not exists (select from album where album.artist_id = artist.artist_id)`.execute(db);
  return { plays };
}

/** Plays of all listeners. */
export async function countPlays(db: Kysely<Database>): Promise<number> {
  const { rows } = await sql<{ plays: number }>`select count(*) as plays from play`.execute(db);
  return rows[0]!.plays;
}
