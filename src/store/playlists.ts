// The listener's playlists, whichever source they came from: api-library.ts and export-library.ts write them.
import type { Kysely } from 'kysely';
import type { Database, PlaylistTable } from './schema.ts';

export interface StoredPlaylist {
  readonly playlistId: number;
  /** Spotify's id; null for a playlist of an export, which is known by its name. */
  readonly spotifyPlaylistId: string | null;
  readonly name: string;
  readonly description: string | null;
  readonly owned: boolean;
  /** Whether Spotify lets this account read the items (own and collaborative playlists only). */
  readonly itemsReadable: boolean;
  readonly itemsTotal: number | null;
  readonly source: PlaylistTable['source'];
  readonly syncedAt: Date;
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
