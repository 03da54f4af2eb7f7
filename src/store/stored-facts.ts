import { type Kysely, sql } from 'kysely';
import { textArray } from './rows.ts';
import type { Database } from './schema.ts';
import type { TrackFacts } from './track-facts.ts';

interface FactsRow {
  track_id: string;
  title: string;
  duration_ms: number | null;
  explicit: boolean | null;
  isrc: string | null;
  is_playable: boolean | null;
  album: string | null;
  spotify_album_id: string | null;
  release_date: string | null;
  release_precision: string | null;
  artists: string[];
  artist_ids: (string | null)[];
}

const RELEASE_LENGTH: Record<string, number> = { year: 4, month: 7, day: 10 };

/** What the store holds of these tracks, absent where it holds nothing. */
export async function readFacts(db: Kysely<Database>, ids: readonly string[]): Promise<Map<string, TrackFacts>> {
  const { rows } = await sql<FactsRow>`
    select track.track_id, track.title, track.duration_ms, track.explicit, track.isrc, track.is_playable,
      album.name as album, album.spotify_album_id, album.release_date, album.release_precision,
      array(select artist.name from track_artist join artist using (artist_id)
        where track_artist.track_id = track.track_id order by position) as artists,
      array(select artist.spotify_artist_id from track_artist join artist using (artist_id)
        where track_artist.track_id = track.track_id order by position) as artist_ids
    from track left join album using (album_id)
    where track.track_id = any(${textArray(ids)})`.execute(db);
  return new Map(rows.map((row) => [row.track_id, toFacts(row)]));
}

function toFacts(row: FactsRow): TrackFacts {
  const releaseDate = row.release_date?.slice(0, RELEASE_LENGTH[row.release_precision ?? 'day']);
  return {
    id: row.track_id,
    title: row.title,
    artists: row.artists.map((name, index) => ({ name, spotifyId: row.artist_ids[index] ?? undefined })),
    album:
      row.album === null ? undefined : { name: row.album, spotifyId: row.spotify_album_id ?? undefined, releaseDate },
    durationMs: row.duration_ms ?? undefined,
    explicit: row.explicit ?? undefined,
    isrc: row.isrc ?? undefined,
    isPlayable: row.is_playable ?? undefined,
  };
}
