import { type Kysely, sql } from 'kysely';
import type { Track } from '../music/track.ts';
import type { Database } from './schema.ts';

export interface PlaylistInLibrary {
  readonly name: string;
  /** Whether Spotify lets the account read its songs. */
  readonly readable: boolean;
  /** In order. */
  readonly tracks: readonly Track[];
}

/**
 * The playlists of the listener's library from these sources with this id of Spotify's, else with this name, whatever its case; several may share a
 * name.
 */
export async function findPlaylists(
  db: Kysely<Database>,
  listenerId: number,
  idOrName: string,
  sources: readonly ('api' | 'export')[],
): Promise<PlaylistInLibrary[]> {
  const { rows } = await sql<{ id: number; name: string; readable: boolean; hasId: boolean }>`
    select playlist_id as id, name, items_readable as readable, spotify_playlist_id = ${idOrName} as "hasId"
    from playlist
    where listener_id = ${listenerId} and source = any(${[...sources]}::text[])
      and (spotify_playlist_id = ${idOrName} or lower(name) = lower(${idOrName}))
    order by playlist_id`.execute(db);
  const byId = rows.filter(({ hasId }) => hasId);
  const wanted = byId.length > 0 ? byId : rows;
  const { rows: items } = await sql<{
    playlistId: number;
    id: string;
    title: string;
    isrc: string | null;
    artists: string[];
  }>`
    select playlist_id as "playlistId", track.track_id as id, title, isrc,
      array(select artist.name from track_artist join artist using (artist_id)
        where track_artist.track_id = track.track_id order by track_artist.position) as artists
    from playlist_item join track using (track_id)
    where playlist_id = any(${wanted.map(({ id }) => id)}::bigint[])
    order by playlist_id, playlist_item.position`.execute(db);
  return wanted.map(({ id, name, readable }) => ({
    name,
    readable,
    tracks: items
      .filter(({ playlistId }) => playlistId === id)
      .map(({ playlistId: _, isrc, ...track }) => ({ ...track, isrc: isrc ?? undefined })),
  }));
}
