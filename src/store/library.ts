import { type Kysely, sql } from 'kysely';
import { saveArtists } from './artists.ts';
import { rowList } from './rows.ts';
import type { Database } from './schema.ts';
import { inTransaction } from './transaction.ts';

type Source = 'api' | 'export';

export interface LikedTrack {
  readonly trackId: string;
  readonly likedAt?: Date | undefined;
}

/**
 * Stores liked songs, whose tracks must be stored. The Web API gives all of them: what it does not list any more is
 * removed. An export only adds. Returns how many are new and how many were removed.
 */
export async function saveLikedTracks(
  db: Kysely<Database>,
  listenerId: number,
  liked: readonly LikedTrack[],
  source: Source,
): Promise<{ added: number; removed: number }> {
  const rows = liked.map(({ trackId, likedAt }) => ({ track_id: trackId, liked_at: likedAt }));
  const list = rowList('n', rows, { track_id: 'text', liked_at: 'timestamptz' });
  return await inTransaction(db, async (transaction) => {
    const added = await sql`
      insert into liked_track (listener_id, track_id, liked_at, source)
      select ${listenerId}::bigint, n.track_id, min(n.liked_at), ${source} from ${list}
      where not exists (select from liked_track where listener_id = ${listenerId} and track_id = n.track_id)
      group by n.track_id`.execute(transaction);
    if (source === 'export') return { added: Number(added.numAffectedRows ?? 0), removed: 0 };
    await sql`
      update liked_track set source = 'api', liked_at = coalesce(n.liked_at, liked_track.liked_at) from ${list}
      where liked_track.listener_id = ${listenerId} and liked_track.track_id = n.track_id
        and (liked_track.source <> 'api' or liked_track.liked_at is distinct from n.liked_at)`.execute(transaction);
    const removed = await sql`
      delete from liked_track where listener_id = ${listenerId} and source = 'api'
        and not exists (select from ${list} where n.track_id = liked_track.track_id)`.execute(transaction);
    return { added: Number(added.numAffectedRows ?? 0), removed: Number(removed.numAffectedRows ?? 0) };
  });
}

export type TimeRange = 'short_term' | 'medium_term' | 'long_term';

/** Replaces the listener's top tracks of a time range; `trackIds` best first, whose tracks must be stored. */
export async function saveTopTracks(
  db: Kysely<Database>,
  listenerId: number,
  timeRange: TimeRange,
  trackIds: readonly string[],
  at: Date,
): Promise<void> {
  const rows = trackIds.map((track_id, index) => ({ track_id, artist_id: null, rank: index + 1 }));
  await saveTop(db, listenerId, 'track', timeRange, rows, at);
}

/** Replaces the listener's top artists of a time range, best first; the artists are stored as well. */
export async function saveTopArtists(
  db: Kysely<Database>,
  listenerId: number,
  timeRange: TimeRange,
  artists: readonly { readonly id: string; readonly name: string }[],
  at: Date,
): Promise<void> {
  await inTransaction(db, async (transaction) => {
    const named = artists.map(({ id, name }) => ({ name, spotifyId: id }));
    const artistId = await saveArtists(transaction, named);
    const rows = named.map((artist, index) => ({ track_id: null, artist_id: artistId(artist), rank: index + 1 }));
    await saveTop(transaction, listenerId, 'artist', timeRange, rows, at);
  });
}

async function saveTop(
  db: Kysely<Database>,
  listenerId: number,
  kind: 'track' | 'artist',
  timeRange: TimeRange,
  rows: readonly { track_id: string | null; artist_id: number | null; rank: number }[],
  at: Date,
): Promise<void> {
  await inTransaction(db, async (transaction) => {
    await transaction
      .deleteFrom('top_item')
      .where('listener_id', '=', listenerId)
      .where('kind', '=', kind)
      .where('time_range', '=', timeRange)
      .execute();
    await sql`
      insert into top_item (listener_id, kind, time_range, rank, track_id, artist_id, synced_at)
      select ${listenerId}::bigint, ${kind}, ${timeRange}, n.rank, n.track_id, n.artist_id, ${at}::timestamptz
      from ${rowList('n', rows, { rank: 'smallint', track_id: 'text', artist_id: 'bigint' })}`.execute(transaction);
  });
}
