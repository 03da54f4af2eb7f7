// The account's library as the Web API tells it: liked songs, playlists with their items, top items.
import { type Kysely, sql } from 'kysely';
import { saveArtists } from './artists.ts';
import { chunks, rowList, textArray } from './rows.ts';
import type { Database } from './schema.ts';

export interface LikedRow {
  readonly trackId: string;
  readonly likedAt: Date | null;
}

/** The liked songs known from the Web API, by track id. */
export async function readApiLikes(db: Kysely<Database>, listenerId: number): Promise<Map<string, Date | null>> {
  const rows = await db
    .selectFrom('liked_track')
    .select(['track_id', 'liked_at'])
    .where('listener_id', '=', listenerId)
    .where('source', '=', 'api')
    .execute();
  return new Map(rows.map((row) => [row.track_id, row.liked_at]));
}

/** Adds likes, whose tracks must be stored, and removes those of the Web API that `kept` does not name. */
export async function saveApiLikes(
  db: Kysely<Database>,
  listenerId: number,
  added: readonly LikedRow[],
  kept: readonly string[],
): Promise<void> {
  await sql`
    delete from liked_track
    where listener_id = ${listenerId} and source = 'api' and not (track_id = any(${textArray(kept)}))`.execute(db);
  // A song that is listed twice (two ids became one) stands with the time it was liked first.
  for (const chunk of chunks(added)) {
    const rows = chunk.map(({ trackId, likedAt }) => ({ track_id: trackId, liked_at: likedAt }));
    await sql`
      insert into liked_track (listener_id, track_id, liked_at, source)
      select distinct on (n.track_id) ${listenerId}::bigint, n.track_id, n.liked_at, 'api'
      from ${rowList('n', rows, { track_id: 'text', liked_at: 'timestamptz' })} order by n.track_id, n.liked_at
      on conflict (listener_id, track_id) do update set liked_at = excluded.liked_at, source = 'api'`.execute(db);
  }
}

/** A playlist of the account without its items. */
export interface ApiPlaylist {
  readonly id: string;
  readonly name: string;
  readonly description: string | null;
  readonly owned: boolean;
  /** Whether apps may read its items: the account owns it or works on it. */
  readonly readable: boolean;
  readonly itemsTotal: number | null;
  /** The version whose items are stored; of playlists that cannot be read, the version last seen. */
  readonly snapshot: string | null;
}

export async function readApiPlaylists(db: Kysely<Database>, listenerId: number): Promise<Map<string, ApiPlaylist>> {
  const rows = await db
    .selectFrom('playlist')
    .selectAll()
    .where('listener_id', '=', listenerId)
    .where('spotify_playlist_id', 'is not', null)
    .execute();
  return new Map(
    rows.map((row) => [
      row.spotify_playlist_id!,
      {
        id: row.spotify_playlist_id!,
        name: row.name,
        description: row.description,
        owned: row.owned,
        readable: row.items_readable,
        itemsTotal: row.items_total,
        snapshot: row.snapshot,
      },
    ]),
  );
}

/**
 * Makes the account's playlists the listed ones: adds, renames, and removes what is no longer there with its items.
 * Versions and items of readable ones stay as they are until `saveApiPlaylistItems`.
 */
export async function saveApiPlaylists(
  db: Kysely<Database>,
  listenerId: number,
  playlists: readonly ApiPlaylist[],
  at: Date,
): Promise<void> {
  await sql`
    delete from playlist
    where listener_id = ${listenerId} and spotify_playlist_id is not null
      and not (spotify_playlist_id = any(${textArray(playlists.map(({ id }) => id))}))`.execute(db);
  const rows = playlists.map((playlist) => ({
    spotify_playlist_id: playlist.id,
    name: playlist.name,
    description: playlist.description,
    owned: playlist.owned,
    items_total: playlist.itemsTotal,
    items_readable: playlist.readable,
    snapshot: playlist.readable ? null : playlist.snapshot,
  }));
  const columns = {
    spotify_playlist_id: 'text',
    name: 'text',
    description: 'text',
    owned: 'boolean',
    items_total: 'integer',
    items_readable: 'boolean',
    snapshot: 'text',
  } as const;
  await sql`
    insert into playlist (listener_id, spotify_playlist_id, name, description, owned, items_total, items_readable, snapshot, source, synced_at)
    select distinct on (n.spotify_playlist_id) ${listenerId}::bigint, n.*, 'api', ${at}::timestamptz
    from ${rowList('n', rows, columns)} order by n.spotify_playlist_id
    on conflict (listener_id, spotify_playlist_id) where spotify_playlist_id is not null do update set
      name = excluded.name,
      description = excluded.description,
      owned = excluded.owned,
      items_total = excluded.items_total,
      items_readable = excluded.items_readable,
      snapshot = coalesce(excluded.snapshot, playlist.snapshot),
      source = 'api',
      synced_at = excluded.synced_at`.execute(db);
}

export interface ApiPlaylistItem {
  readonly position: number;
  readonly trackId: string;
  readonly addedAt: Date | null;
}

/** Replaces a listed playlist's items, whose tracks must be stored, and says which version they are; false when it is not listed. */
export async function saveApiPlaylistItems(
  db: Kysely<Database>,
  listenerId: number,
  spotifyPlaylistId: string,
  items: readonly ApiPlaylistItem[],
  version: { readonly snapshot: string | null; readonly at: Date },
): Promise<boolean> {
  const playlist = await db
    .updateTable('playlist')
    .set({ snapshot: version.snapshot, synced_at: version.at })
    .where('listener_id', '=', listenerId)
    .where('spotify_playlist_id', '=', spotifyPlaylistId)
    .returning('playlist_id')
    .executeTakeFirst();
  if (!playlist) return false;
  await db.deleteFrom('playlist_item').where('playlist_id', '=', playlist.playlist_id).execute();
  for (const chunk of chunks(items)) {
    const rows = chunk.map(({ position, trackId, addedAt }) => ({ position, track_id: trackId, added_at: addedAt }));
    await sql`
      insert into playlist_item (playlist_id, position, track_id, added_at)
      select ${playlist.playlist_id}::bigint, n.position, n.track_id, n.added_at
      from ${rowList('n', rows, { position: 'integer', track_id: 'text', added_at: 'timestamptz' })}`.execute(db);
  }
  return true;
}

/** Which of one kind of top items, best first. */
export interface TopList {
  readonly kind: 'track' | 'artist';
  readonly range: 'short_term' | 'medium_term' | 'long_term';
}

/** Spotify's ids of a stored top list, best first. */
export async function readTopList(db: Kysely<Database>, listenerId: number, list: TopList): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    select coalesce(top_item.track_id, artist.spotify_artist_id) as id
    from top_item left join artist using (artist_id)
    where top_item.listener_id = ${listenerId} and kind = ${list.kind} and time_range = ${list.range}
    order by rank`.execute(db);
  return rows.map(({ id }) => id);
}

/** Replaces a top list; tracks must be stored, artists are added. */
export async function saveTopList(
  db: Kysely<Database>,
  listenerId: number,
  list: TopList,
  entries: readonly { readonly id: string; readonly name: string }[],
  at: Date,
): Promise<void> {
  await sql`
    delete from top_item
    where listener_id = ${listenerId} and kind = ${list.kind} and time_range = ${list.range}`.execute(db);
  if (entries.length === 0) return;
  const artists = entries.map(({ id, name }) => ({ spotifyId: id, name }));
  const artistId = list.kind === 'artist' ? await saveArtists(db, artists) : undefined;
  const rows = artists.map((entry, index) => ({
    rank: index + 1,
    track_id: artistId ? null : entry.spotifyId,
    artist_id: artistId?.(entry) ?? null,
  }));
  await sql`
    insert into top_item (listener_id, kind, time_range, rank, track_id, artist_id, synced_at)
    select ${listenerId}::bigint, ${list.kind}, ${list.range}, n.rank, n.track_id, n.artist_id, ${at}::timestamptz
    from ${rowList('n', rows, { rank: 'smallint', track_id: 'text', artist_id: 'bigint' })}`.execute(db);
}

/** Ids of the playlists that Segue publishes to for this listener. */
export async function readPublishedPlaylistIds(db: Kysely<Database>, listenerId: number): Promise<Set<string>> {
  const rows = await db
    .selectFrom('publication')
    .select('spotify_playlist_id')
    .distinct()
    .where('listener_id', '=', listenerId)
    .execute();
  return new Set(rows.map((row) => row.spotify_playlist_id));
}
