import { type Kysely, sql } from 'kysely';
import { LISTEN_MS } from '../music/play.ts';
import type { TrackFeatures } from './features.ts';
import type { Database } from './schema.ts';

/** A track that has audio features, with what it can be recognised by. */
export interface FeatureSong extends TrackFeatures {
  readonly title: string;
  /** The primary artist first. */
  readonly artists: readonly string[];
  readonly isrc: string | null;
  readonly recordingKey: string;
}

// 5,000 rows with their names are about 3 MB.
const PAGE = 5_000;

/** All tracks that have audio features, in pages, by id; where several sources have them, those stored first, as `findFeatures` takes them. */
export async function* readFeatureSongs(db: Kysely<Database>): AsyncGenerator<readonly FeatureSong[]> {
  for (let after = ''; ; ) {
    // The page is cut before names are looked up: on the joined rows the limit would come last.
    const { rows } = await sql<FeatureSong>`
      select page.track_id as "trackId", danceability, energy, key, loudness, mode, speechiness, acousticness,
        instrumentalness, liveness, valence, tempo, time_signature as "timeSignature",
        track.title, track.isrc, track.recording_key as "recordingKey",
        array(select artist.name from track_artist join artist using (artist_id)
          where track_artist.track_id = page.track_id order by position) as artists
      from (
        select distinct on (track_id) * from audio_feature
        where track_id > ${after} order by track_id, stored_at, source limit ${PAGE}
      ) as page join track using (track_id)
      order by page.track_id`.execute(db);
    if (rows.length > 0) yield rows;
    if (rows.length < PAGE) return;
    after = rows.at(-1)!.trackId;
  }
}

/** Rows of audio features, of all sources. */
export async function countFeatures(db: Kysely<Database>): Promise<number> {
  const { rows } = await sql<{ count: number }>`select count(*) from audio_feature`.execute(db);
  return rows[0]!.count;
}

/** How much of what a listener heard has audio features, under any track of the same recording. */
export interface FeatureCoverage {
  /** Plays of 30 s or more, or of unknown length. */
  readonly listens: number;
  readonly listensWithFeatures: number;
  readonly tracks: number;
  readonly tracksWithFeatures: number;
}

export async function readFeatureCoverage(db: Kysely<Database>, listenerId: number): Promise<FeatureCoverage> {
  const { rows } = await sql<FeatureCoverage>`
    with featured as (
      select distinct track.recording_key, track.isrc from audio_feature join track using (track_id)
    ),
    heard as (
      select track_id, count(*) as listens from play
      where listener_id = ${listenerId} and (ms_played is null or ms_played >= ${LISTEN_MS}::integer)
      group by track_id
    ),
    judged as (
      select heard.listens,
        track.recording_key in (select recording_key from featured)
          or coalesce(track.isrc in (select isrc from featured where isrc is not null), false) as has
      from heard join track using (track_id)
    )
    select coalesce(sum(listens), 0)::bigint as listens,
      coalesce(sum(listens) filter (where has), 0)::bigint as "listensWithFeatures",
      count(*) as tracks, count(*) filter (where has) as "tracksWithFeatures"
    from judged`.execute(db);
  return rows[0]!;
}
