// What tells how published editions were taken: their songs, and plays and saves of the same recordings.
import { type Kysely, sql } from 'kysely';
import type { PlaySource } from '../music/play.ts';
import { MARKER_PATTERN } from '../music/publication.ts';
import type { Database } from './schema.ts';

/** A track with what says which recording it is of; the id is the one that took its place where it is an alias. */
interface Recorded {
  readonly id: string;
  readonly isrc: string | null;
  readonly recordingKey: string;
}

/** A song of an edition that stands in the account. */
export interface PublishedSong extends Recorded {
  readonly editionId: number;
  readonly position: number;
  readonly playlistId: string;
  readonly publishedAt: Date;
  /** Whether Spotify plays it to the account; null: nobody has said. */
  readonly isPlayable: boolean | null;
}

/** The songs of the listener's published editions, editions in the order of publication, songs in theirs. */
export async function readPublishedSongs(db: Kysely<Database>, listenerId: number): Promise<PublishedSong[]> {
  const { rows } = await sql<PublishedSong>`
    select publication.edition_id as "editionId", position, spotify_playlist_id as "playlistId",
      published_at as "publishedAt", track.track_id as id, isrc, recording_key as "recordingKey",
      is_playable as "isPlayable"
    from publication join edition_item using (edition_id) join track using (track_id)
    where listener_id = ${listenerId}
    order by published_at, publication.edition_id, position`.execute(db);
  return rows;
}

// Tracks of any recording that a published edition brought; plays of the whole of history are not read for thirty songs.
// Materialized: else every play of years looks its track up first (250,000 plays: 5.0 s instead of 1.2 s).
const watchedTracks = (listenerId: number) => sql`
  song as (
    select distinct track.track_id, isrc, recording_key
    from publication join edition_item using (edition_id) join track using (track_id)
    where listener_id = ${listenerId}
  ),
  same as (
    select track_id from song
    union select track.track_id from track join song using (isrc)
    union select track.track_id from track join song using (recording_key)
    union select alias_track_id from track_alias join song using (track_id)
  ),
  watched as materialized (
    select track.track_id, coalesce(track_alias.track_id, track.track_id) as id, isrc,
      recording_key as "recordingKey", duration_ms as "durationMs"
    from same join track using (track_id) left join track_alias on alias_track_id = track.track_id
  )`;

export interface PlayOfPublished extends Recorded {
  readonly endedAt: Date;
  readonly msPlayed: number | null;
  readonly durationMs: number | null;
  readonly skipped: boolean | null;
  readonly reasonEnd: string | null;
  readonly contextUri: string | null;
  readonly source: PlaySource;
}

/**
 * Plays of what the listener's published editions brought, since the first of them was published, in the order heard. Private
 * sessions are left out, as from seeds (listens.ts).
 */
export async function readPlaysOfPublished(db: Kysely<Database>, listenerId: number): Promise<PlayOfPublished[]> {
  const { rows } = await sql<PlayOfPublished>`
    with ${watchedTracks(listenerId)}
    select id, isrc, "recordingKey", "durationMs", ended_at as "endedAt", ms_played as "msPlayed", skipped,
      reason_end as "reasonEnd", context_uri as "contextUri", source
    from play join watched using (track_id)
    where listener_id = ${listenerId} and private_session is not true
      and ended_at >= (select min(published_at) from publication where listener_id = ${listenerId})
    order by ended_at, play_id`.execute(db);
  return rows;
}

export interface SaveOfPublished extends Recorded {
  /** Null where the source does not tell. */
  readonly at: Date | null;
  readonly source: PlaySource;
}

/**
 * Likes of what the listener's published editions brought, and places of it in own playlists; those that Segue writes to are left
 * out, also as an export brings them back (corpus-inputs.ts).
 */
export async function readSavesOfPublished(db: Kysely<Database>, listenerId: number): Promise<SaveOfPublished[]> {
  const { rows } = await sql<SaveOfPublished>`
    with ${watchedTracks(listenerId)}
    select id, isrc, "recordingKey", at, source
    from (
      select track_id, liked_at as at, source from liked_track where listener_id = ${listenerId}
      union all
      select track_id, added_at, source from playlist join playlist_item using (playlist_id)
      where listener_id = ${listenerId} and owned
        and not exists (select from publication where publication.spotify_playlist_id = playlist.spotify_playlist_id)
        and coalesce(description, '') !~ ${MARKER_PATTERN}
    ) as saved join watched using (track_id)
    order by at nulls first, track_id`.execute(db);
  return rows;
}

/** When the listener's newest play from these sources ended, private sessions included; null: there is none. */
export async function newestPlayAt(
  db: Kysely<Database>,
  listenerId: number,
  sources: readonly PlaySource[],
): Promise<Date | null> {
  const { rows } = await sql<{ newest: Date | null }>`
    select max(ended_at) as newest from play
    where listener_id = ${listenerId} and source = any(${[...sources]}::text[])`.execute(db);
  return rows[0]!.newest;
}
