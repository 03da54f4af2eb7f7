import { type Kysely, sql } from 'kysely';
import { chunks, textArray } from './rows.ts';
import type { Database } from './schema.ts';

/** The names of all artists, normalised as recording keys have them. */
export async function listArtistKeys(db: Kysely<Database>): Promise<Set<string>> {
  const rows = await db.selectFrom('artist').select('name_key').distinct().execute();
  return new Set(rows.map(({ name_key }) => name_key));
}

/** The id of a track of each of these recordings, by its key; one of Spotify's where there is one, first seen first. */
export async function findRecordingIds(
  db: Kysely<Database>,
  recordingKeys: readonly string[],
): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for (const keys of chunks(recordingKeys)) {
    const { rows } = await sql<{ recording_key: string; track_id: string }>`
      select distinct on (recording_key) recording_key, track_id from track
      where recording_key = any(${textArray(keys)})
      order by recording_key, track_id like 'name:%', added_at, track_id`.execute(db);
    for (const { recording_key, track_id } of rows) found.set(recording_key, track_id);
  }
  return found;
}
