import { type Kysely, sql } from 'kysely';
import { LISTEN_MS, type PlaySource } from '../music/play.ts';
import { MARKER_PATTERN } from '../music/publication.ts';
import type { Database } from './schema.ts';

/** What an earlier import of the same content read and left out. */
export async function findImport(
  db: Kysely<Database>,
  task: string,
  fingerprint: string,
): Promise<{ read: number; skipped: Record<string, number> } | undefined> {
  return await db
    .selectFrom('import')
    .select(['items_read as read', 'skipped'])
    .where('task', '=', task)
    .where('fingerprint', '=', fingerprint)
    .orderBy('import_id', 'desc')
    .limit(1)
    .executeTakeFirst();
}

/** One item of a listener's playlist, playlists one after another in order. */
export interface OwnPlaylistItem {
  readonly playlistId: number;
  readonly name: string;
  readonly trackId: string;
  readonly title: string;
  readonly artists: string[];
  readonly isrc: string | null;
}

/**
 * The items of all listeners' own playlists that came from these sources. Lists that Segue published are left out, also
 * as an export brings them back (without an id, but with the marker in their description): a model would learn its own
 * taste from them.
 */
export async function readOwnPlaylists(
  db: Kysely<Database>,
  sources: readonly PlaySource[],
): Promise<OwnPlaylistItem[]> {
  const { rows } = await sql<OwnPlaylistItem>`
    select playlist_id as "playlistId", playlist.name, track_id as "trackId", title, isrc,
      array(select artist.name from track_artist join artist using (artist_id)
        where track_artist.track_id = track.track_id order by track_artist.position) as artists
    from playlist join playlist_item using (playlist_id) join track using (track_id)
    where owned and source = any(${[...sources]}::text[])
      and not exists (select from publication where publication.spotify_playlist_id = playlist.spotify_playlist_id)
      and coalesce(description, '') !~ ${MARKER_PATTERN}
    order by playlist_id, playlist_item.position`.execute(db);
  return rows;
}

export interface SessionListen {
  readonly listenerId: number;
  readonly endedAt: Date;
  readonly trackId: string;
}

/**
 * All listens (30 s or more, or of unknown length) from these sources, each listener's in the order of hearing. Private
 * sessions are left out, as from seeds (listens.ts).
 */
export async function readSessionListens(
  db: Kysely<Database>,
  sources: readonly PlaySource[],
): Promise<SessionListen[]> {
  const { rows } = await sql<SessionListen>`
    select listener_id as "listenerId", ended_at as "endedAt", track_id as "trackId"
    from play
    where source = any(${[...sources]}::text[]) and (ms_played is null or ms_played >= ${LISTEN_MS}::integer)
      and private_session is not true
    order by listener_id, ended_at, track_id`.execute(db);
  return rows;
}

/** A track with all listeners' plays of it. */
export interface PlayedTrack {
  readonly trackId: string;
  readonly title: string;
  readonly artists: string[];
  readonly isrc: string | null;
  readonly recordingKey: string;
  readonly plays: number;
}

/** Every track that was ever played. */
export async function readPlayedTracks(db: Kysely<Database>): Promise<PlayedTrack[]> {
  const { rows } = await sql<PlayedTrack>`
    select track.track_id as "trackId", title, isrc, recording_key as "recordingKey", played.plays,
      array(select artist.name from track_artist join artist using (artist_id)
        where track_artist.track_id = track.track_id order by track_artist.position) as artists
    from (select track_id, count(*) as plays from play group by track_id) as played
    join track using (track_id)
    order by track.track_id`.execute(db);
  return rows;
}
