import { type Kysely, sql } from 'kysely';
import { type ColumnType, chunks, rowList, textArray } from './rows.ts';
import type { Database } from './schema.ts';

/** Spotify's audio features as files and ReccoBeats give them; null where the source says nothing. */
export interface AudioFeatures {
  readonly danceability: number | null;
  readonly energy: number | null;
  /** Pitch class, 0 = C to 11 = B. */
  readonly key: number | null;
  /** Decibels, usually -60 to 0. */
  readonly loudness: number | null;
  /** 1 major, 0 minor. */
  readonly mode: number | null;
  readonly speechiness: number | null;
  readonly acousticness: number | null;
  readonly instrumentalness: number | null;
  readonly liveness: number | null;
  readonly valence: number | null;
  /** Beats per minute. */
  readonly tempo: number | null;
  readonly timeSignature: number | null;
}

export type TrackFeatures = AudioFeatures & { readonly trackId: string };

const COLUMNS: Record<string, ColumnType> = {
  track_id: 'text',
  danceability: 'real',
  energy: 'real',
  key: 'smallint',
  loudness: 'real',
  mode: 'smallint',
  speechiness: 'real',
  acousticness: 'real',
  instrumentalness: 'real',
  liveness: 'real',
  valence: 'real',
  tempo: 'real',
  time_signature: 'smallint',
};
const NAMES = Object.keys(COLUMNS).filter((name) => name !== 'track_id');

/** Stores the features that `source` gives of stored tracks; of a track given twice the last counts. Returns how many were new. */
export async function saveFeatures(
  db: Kysely<Database>,
  source: string,
  features: readonly TrackFeatures[],
): Promise<number> {
  const last = new Map(features.map((row) => [row.trackId, row]));
  let added = 0;
  for (const chunk of chunks([...last.values()])) {
    const rows = chunk.map(({ trackId, timeSignature, ...rest }) => ({
      track_id: trackId,
      time_signature: timeSignature,
      ...rest,
    }));
    const columns = sql.join(Object.keys(COLUMNS).map((name) => sql.id(name)));
    const known = await sql<{ count: number }>`
      select count(*) from audio_feature
      where source = ${source} and track_id = any(${textArray(chunk.map(({ trackId }) => trackId))})`.execute(db);
    await sql`
      insert into audio_feature (source, ${columns})
      select ${source}, n.* from ${rowList('n', rows, COLUMNS)}
      on conflict (track_id, source) do update
      set ${sql.join(NAMES.map((name) => sql`${sql.id(name)} = excluded.${sql.id(name)}`))}`.execute(db);
    added += chunk.length - known.rows[0]!.count;
  }
  return added;
}

/** The features of these tracks; where several sources have them, those stored first. */
export async function findFeatures(db: Kysely<Database>, ids: Iterable<string>): Promise<Map<string, AudioFeatures>> {
  const { rows } = await sql<TrackFeatures>`
    select distinct on (track_id) track_id as "trackId", danceability, energy, key, loudness, mode, speechiness,
      acousticness, instrumentalness, liveness, valence, tempo, time_signature as "timeSignature"
    from audio_feature where track_id = any(${textArray(ids)})
    order by track_id, stored_at, source`.execute(db);
  return new Map(rows.map(({ trackId, ...features }) => [trackId, features]));
}

/** Notes that `source` was asked for these tracks at `at` and knows nothing of them. */
export async function saveFeatureMisses(
  db: Kysely<Database>,
  source: string,
  ids: Iterable<string>,
  at: Date,
): Promise<void> {
  await sql`
    insert into audio_feature_miss (track_id, source, asked_at)
    select distinct id, ${source}, ${at}::timestamptz from unnest(${textArray(ids)}) as id
    on conflict (track_id, source) do update set asked_at = excluded.asked_at`.execute(db);
}

/**
 * Spotify ids of tracks without features from anywhere which `source` was not asked for since `askedBefore`; those the
 * listener played most come first.
 */
export async function tracksWithoutFeatures(
  db: Kysely<Database>,
  listenerId: number,
  source: string,
  askedBefore: Date,
  limit: number,
): Promise<string[]> {
  const { rows } = await sql<{ track_id: string }>`
    select track.track_id from track
    left join (select track_id, count(*) as plays from play where listener_id = ${listenerId} group by track_id)
      as heard using (track_id)
    where track.track_id not like 'name:%'
      and not exists (select from audio_feature where audio_feature.track_id = track.track_id)
      and not exists (select from audio_feature_miss as miss
        where miss.track_id = track.track_id and miss.source = ${source} and miss.asked_at >= ${askedBefore})
    order by heard.plays desc nulls last, track.track_id
    limit ${limit}`.execute(db);
  return rows.map(({ track_id }) => track_id);
}
