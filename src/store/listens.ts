import { type Kysely, sql } from 'kysely';
import { LISTEN_MS } from '../music/play.ts';
import type { Track } from '../music/track.ts';
import { textArray } from './rows.ts';
import type { Database } from './schema.ts';

/** A listen with its track. */
export interface ListenedTrack extends Track {
  readonly endedAt: Date;
  readonly msPlayed: number | null;
}

/**
 * The listener's listens (30 s or more, or of unknown length) that ended from `since` (null: ever) to `until`, oldest
 * first. Private sessions are left out: who turns them on does not want to be known by what follows.
 */
export async function readListens(
  db: Kysely<Database>,
  listenerId: number,
  period: { readonly since: Date | null; readonly until: Date },
  sources: readonly ('api' | 'export')[],
): Promise<ListenedTrack[]> {
  const { rows: listens } = await sql<{ id: string; endedAt: Date; msPlayed: number | null }>`
    select track_id as id, ended_at as "endedAt", ms_played as "msPlayed"
    from play
    where listener_id = ${listenerId} and ended_at <= ${period.until}
      and ended_at >= coalesce(${period.since}::timestamptz, '-infinity')
      and (ms_played is null or ms_played >= ${LISTEN_MS}::integer)
      and private_session is not true
      and source = any(${[...sources]}::text[])
    order by ended_at, track_id`.execute(db);
  // Each track once: artists beside every listen made a million of them 29 s and 2 GB.
  const { rows: tracks } = await sql<{ id: string; title: string; isrc: string | null; artists: string[] }>`
    select track.track_id as id, title, isrc,
      array(select artist.name from track_artist join artist using (artist_id)
        where track_artist.track_id = track.track_id order by position) as artists
    from track where track_id = any(${textArray(new Set(listens.map(({ id }) => id)))})`.execute(db);
  const byId = new Map(tracks.map((track) => [track.id, { ...track, isrc: track.isrc ?? undefined }]));
  return listens.map(({ id, endedAt, msPlayed }) => ({ ...byId.get(id)!, endedAt, msPlayed }));
}
