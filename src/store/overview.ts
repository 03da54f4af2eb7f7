import { type Kysely, sql } from 'kysely';
import type { Database } from './schema.ts';

/** What is in the database for one listener, in one round trip per subject. Times are null where there is nothing yet. */
export interface Overview {
  readonly plays: {
    readonly total: number;
    readonly listens: number;
    readonly tracks: number;
    readonly oldestAt: Date | null;
    readonly newestAt: Date | null;
    readonly openGaps: number;
  };
  readonly library: { readonly playlists: number; readonly likedTracks: number };
  readonly features: number;
}

/** Counts for the state of everything. */
export async function readOverview(db: Kysely<Database>, listenerId: number): Promise<Overview> {
  const { rows } = await sql<{
    total: number;
    listens: number;
    tracks: number;
    oldest: Date | null;
    newest: Date | null;
    gaps: number;
    playlists: number;
    liked: number;
    features: number;
  }>`
    select
      count(*) as total,
      count(*) filter (where ms_played is null or ms_played >= 30000) as listens,
      count(distinct track_id) as tracks,
      min(ended_at) as oldest,
      max(ended_at) as newest,
      (select count(*) from play_gap where listener_id = ${listenerId} and filled_at is null) as gaps,
      (select count(*) from playlist where listener_id = ${listenerId}) as playlists,
      (select count(*) from liked_track where listener_id = ${listenerId}) as liked,
      (select count(distinct track_id) from audio_feature) as features
    from play
    where listener_id = ${listenerId}
  `.execute(db);
  const row = rows[0]!;
  return {
    plays: {
      total: row.total,
      listens: row.listens,
      tracks: row.tracks,
      oldestAt: row.oldest,
      newestAt: row.newest,
      openGaps: row.gaps,
    },
    library: { playlists: row.playlists, likedTracks: row.liked },
    features: row.features,
  };
}
