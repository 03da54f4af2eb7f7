import { type Kysely, sql } from 'kysely';
import type { Track } from '../music/track.ts';
import type { Database } from './schema.ts';

/** A track the listener singled out, or Spotify for them; `since` where the day is known. */
export interface FavouriteTrack extends Track {
  readonly since: Date | undefined;
  readonly recordingKey: string;
}

interface FavouriteRow {
  id: string;
  title: string;
  isrc: string | null;
  recordingKey: string;
  since: Date | null;
  artists: string[];
}

/** Liked songs from these sources, the latest first. */
export async function readLikedTracks(
  db: Kysely<Database>,
  listenerId: number,
  sources: readonly ('api' | 'export')[],
): Promise<FavouriteTrack[]> {
  const { rows } = await sql<FavouriteRow>`
    select track.track_id as id, title, isrc, recording_key as "recordingKey", liked_at as since,
      array(select artist.name from track_artist join artist using (artist_id)
        where track_artist.track_id = track.track_id order by position) as artists
    from liked_track join track using (track_id)
    where listener_id = ${listenerId} and source = any(${[...sources]}::text[])
    order by liked_at desc nulls last, track.track_id`.execute(db);
  return rows.map(toFavourite);
}

/** Spotify's top tracks of the account, the last weeks' before the last months' before those of a year, each once. */
export async function readTopTracks(db: Kysely<Database>, listenerId: number): Promise<FavouriteTrack[]> {
  const { rows } = await sql<FavouriteRow>`
    select track.track_id as id, title, isrc, recording_key as "recordingKey", null::timestamptz as since,
      array(select artist.name from track_artist join artist using (artist_id)
        where track_artist.track_id = track.track_id order by position) as artists
    from (
      select track_id, min(array_position(array['short_term', 'medium_term', 'long_term'], time_range) * 1000 + rank) as place
      from top_item where listener_id = ${listenerId} and kind = 'track' group by track_id
    ) as top join track using (track_id)
    order by top.place, track.track_id`.execute(db);
  return rows.map(toFavourite);
}

function toFavourite({ isrc, since, ...row }: FavouriteRow): FavouriteTrack {
  return { ...row, isrc: isrc ?? undefined, since: since ?? undefined };
}
