import { type Kysely, sql } from 'kysely';
import { rowList, textArray } from './rows.ts';
import type { Database, PlaylistTable } from './schema.ts';
import { inTransaction } from './transaction.ts';

export interface PlaylistRow {
  /** Spotify's id; null for a playlist of an export, which is known by its name. */
  readonly spotifyPlaylistId: string | null;
  readonly name: string;
  readonly description?: string | null | undefined;
  readonly owned: boolean;
  /** Spotify's opaque version: unchanged means that the items need not be read again. */
  readonly snapshot?: string | null | undefined;
  readonly itemsTotal?: number | null | undefined;
  /** Whether Spotify lets this account read the items (own and collaborative playlists only). */
  readonly itemsReadable: boolean;
  readonly source: PlaylistTable['source'];
}

export interface StoredPlaylist extends PlaylistRow {
  readonly playlistId: number;
  readonly syncedAt: Date;
}

export interface PlaylistItem {
  readonly trackId: string;
  readonly addedAt?: Date | null | undefined;
}

/**
 * Stores a playlist and, when given, its items in order, whose tracks must be stored; without them those stored before
 * stay. Returns its `playlist_id`.
 */
export async function savePlaylist(
  db: Kysely<Database>,
  listenerId: number,
  playlist: PlaylistRow,
  items: readonly PlaylistItem[] | undefined,
  at: Date,
): Promise<number> {
  const row = {
    listener_id: listenerId,
    spotify_playlist_id: playlist.spotifyPlaylistId,
    name: playlist.name,
    description: playlist.description ?? null,
    owned: playlist.owned,
    snapshot: playlist.snapshot ?? null,
    items_total: playlist.itemsTotal ?? items?.length ?? null,
    items_readable: playlist.itemsReadable,
    source: playlist.source,
    synced_at: at,
  };
  return await inTransaction(db, async (transaction) => {
    const { playlist_id: id } = await transaction
      .insertInto('playlist')
      .values(row)
      .onConflict((conflict) =>
        playlist.spotifyPlaylistId === null
          ? conflict.columns(['listener_id', 'name']).where('spotify_playlist_id', 'is', null).doUpdateSet(row)
          : conflict
              .columns(['listener_id', 'spotify_playlist_id'])
              .where('spotify_playlist_id', 'is not', null)
              .doUpdateSet(row),
      )
      .returning('playlist_id')
      .executeTakeFirstOrThrow();
    if (items) await replaceItems(transaction, id, items);
    return id;
  });
}

async function replaceItems(db: Kysely<Database>, playlistId: number, items: readonly PlaylistItem[]): Promise<void> {
  await db.deleteFrom('playlist_item').where('playlist_id', '=', playlistId).execute();
  const rows = items.map(({ trackId, addedAt }, position) => ({ position, track_id: trackId, added_at: addedAt }));
  await sql`
    insert into playlist_item (playlist_id, position, track_id, added_at)
    select ${playlistId}::bigint, n.position, n.track_id, n.added_at
    from ${rowList('n', rows, { position: 'integer', track_id: 'text', added_at: 'timestamptz' })}`.execute(db);
}

/** Removes the Web API's playlists that it does not list any more; returns how many. */
export async function removePlaylistsExcept(
  db: Kysely<Database>,
  listenerId: number,
  spotifyPlaylistIds: Iterable<string>,
): Promise<number> {
  const result = await sql`
    delete from playlist where listener_id = ${listenerId} and source = 'api'
      and not spotify_playlist_id = any(${textArray(spotifyPlaylistIds)})`.execute(db);
  return Number(result.numAffectedRows ?? 0);
}

export async function listPlaylists(db: Kysely<Database>, listenerId: number): Promise<StoredPlaylist[]> {
  return await db
    .selectFrom('playlist')
    .select([
      'playlist_id as playlistId',
      'spotify_playlist_id as spotifyPlaylistId',
      'name',
      'description',
      'owned',
      'snapshot',
      'items_total as itemsTotal',
      'items_readable as itemsReadable',
      'source',
      'synced_at as syncedAt',
    ])
    .where('listener_id', '=', listenerId)
    .orderBy('name')
    .orderBy('playlist_id')
    .execute();
}

/** Track ids of a playlist in order. */
export async function playlistTracks(db: Kysely<Database>, playlistId: number): Promise<string[]> {
  const rows = await db
    .selectFrom('playlist_item')
    .select('track_id')
    .where('playlist_id', '=', playlistId)
    .orderBy('position')
    .execute();
  return rows.map(({ track_id }) => track_id);
}
