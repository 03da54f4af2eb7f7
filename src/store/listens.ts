import { type Kysely, sql } from 'kysely';
import { LISTEN_MS } from '../music/play.ts';
import type { Track } from '../music/track.ts';
import { textArray } from './rows.ts';
import type { Database } from './schema.ts';

/** What is known of a play besides its track; null where its source does not say. */
interface ToldOfPlay {
  readonly endedAt: Date;
  readonly msPlayed: number | null;
  readonly platform: string | null;
  readonly contextUri: string | null;
  readonly privateSession: boolean | null;
  readonly skipped: boolean | null;
  readonly reasonEnd: string | null;
}

/** A play with its track. */
export interface PlayedTrack extends Track, ToldOfPlay {
  /** Spotify's ids of the artists, in the order of their names; null where unknown. */
  readonly artistIds: readonly (string | null)[];
}

interface PlayedTrackRow {
  id: string;
  title: string;
  isrc: string | null;
  artists: string[];
  artistIds: (string | null)[];
}

/**
 * The listener's listens (30 s or more, or of unknown length; with `shortOnes` all plays) that ended from `since` (null:
 * ever) to `until`, oldest first. Private sessions are among them: a taste rule says whether they count.
 */
export async function readListens(
  db: Kysely<Database>,
  listenerId: number,
  period: { readonly since: Date | null; readonly until: Date; readonly shortOnes?: boolean },
  sources: readonly ('api' | 'export')[],
): Promise<PlayedTrack[]> {
  const { rows: listens } = await sql<{ id: string } & ToldOfPlay>`
    select track_id as id, ended_at as "endedAt", ms_played as "msPlayed", platform, context_uri as "contextUri",
      private_session as "privateSession", skipped, reason_end as "reasonEnd"
    from play
    where listener_id = ${listenerId} and ended_at <= ${period.until}
      and ended_at >= coalesce(${period.since}::timestamptz, '-infinity')
      and (ms_played is null or ms_played >= ${period.shortOnes === true ? 0 : LISTEN_MS}::integer)
      and source = any(${[...sources]}::text[])
    order by ended_at, track_id`.execute(db);
  // Each track once: artists beside every listen made a million of them 29 s and 2 GB.
  const { rows: tracks } = await sql<PlayedTrackRow>`
    select track.track_id as id, title, isrc,
      array(select artist.name from track_artist join artist using (artist_id)
        where track_artist.track_id = track.track_id order by position) as artists,
      array(select artist.spotify_artist_id from track_artist join artist using (artist_id)
        where track_artist.track_id = track.track_id order by position) as "artistIds"
    from track where track_id = any(${textArray(new Set(listens.map(({ id }) => id)))})`.execute(db);
  const byId = new Map(tracks.map((track) => [track.id, { ...track, isrc: track.isrc ?? undefined }]));
  return listens.map(({ id, ...told }) => ({ ...byId.get(id)!, ...told }));
}
