// What taste rules ask of the library: names behind ids, ids behind names, which songs are explicit.
import { type Kysely, sql } from 'kysely';
import { nameKey } from './names.ts';
import type { Database } from './schema.ts';

/** The name of an artist with this Spotify id; undefined where none of ours has it. */
export async function findArtistName(db: Kysely<Database>, spotifyId: string): Promise<string | undefined> {
  const found = await db
    .selectFrom('artist')
    .select('name')
    .where('spotify_artist_id', '=', spotifyId)
    .executeTakeFirst();
  return found?.name;
}

export interface NamedPlaylist {
  readonly id: string;
  readonly name: string;
}

/** Playlists of the listener's library on Spotify by name, however it is written, or by Spotify id. */
export async function findPlaylists(
  db: Kysely<Database>,
  listenerId: number,
  nameOrId: string,
): Promise<NamedPlaylist[]> {
  const rows = await db
    .selectFrom('playlist')
    .select(['spotify_playlist_id as id', 'name'])
    .where('listener_id', '=', listenerId)
    .where('spotify_playlist_id', 'is not', null)
    .orderBy('spotify_playlist_id')
    .execute();
  const wanted = nameKey(nameOrId);
  return rows.flatMap(({ id, name }) =>
    id !== null && (id === nameOrId || nameKey(name) === wanted) ? [{ id, name }] : [],
  );
}

/** Tracks of which it is known whether they are explicit. */
export async function readExplicit(
  db: Kysely<Database>,
): Promise<{ readonly id: string; readonly isrc: string | null; readonly explicit: boolean }[]> {
  const { rows } = await sql<{ id: string; isrc: string | null; explicit: boolean }>`
    select track_id as id, isrc, explicit from track where explicit is not null`.execute(db);
  return rows;
}
