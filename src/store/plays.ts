import { type Kysely, sql } from 'kysely';
import { LISTEN_MS } from '../music/play.ts';
import { lockPlays } from './history.ts';
import { type Gap, noteGap } from './play-gaps.ts';
import type { Database } from './schema.ts';
import { type PolledHalf, settlePolled } from './settle-polled.ts';
import { inTransaction } from './transaction.ts';

/** What became of the plays given: new rows, rows that now hold what both sources say, and nothing new. */
export interface SavedPlays {
  readonly stored: number;
  readonly merged: number;
  readonly alreadyThere: number;
}

/**
 * Stores one answer of recently-played, whose tracks must be stored; giving it again, late or out of order changes nothing. A play that an export
 * brought before (same track, ends at most 90 s apart, one to one) is marked as polled instead of stored twice.
 * `pageIsFull` and every play newer than the newest stored one: plays may have been missed, and a gap is recorded.
 */
export async function saveApiPlays(
  db: Kysely<Database>,
  listenerId: number,
  plays: readonly PolledHalf[],
  { fetchedAt, pageIsFull }: { readonly fetchedAt: Date; readonly pageIsFull: boolean },
): Promise<SavedPlays & { readonly gap: Gap | undefined }> {
  return await inTransaction(db, async (transaction) => {
    await lockPlays(transaction, listenerId);
    const oldest = plays.reduce((least, { endedAt }) => Math.min(least, endedAt.getTime()), Number.POSITIVE_INFINITY);
    const gap =
      pageIsFull && plays.length > 0 ? await noteGap(transaction, listenerId, new Date(oldest), fetchedAt) : undefined;
    const tracks = new Set(plays.map(({ trackId }) => trackId));
    const { stored, merged } = await settlePolled(transaction, listenerId, tracks, plays);
    return { stored, merged, alreadyThere: plays.length - stored - merged, gap };
  });
}

/** What a listener has heard of one track. */
export interface HeardTrack {
  readonly trackId: string;
  readonly recordingKey: string;
  readonly isrc: string | null;
  readonly plays: number;
  /** Plays of 30 s or more, or of unknown length. */
  readonly listens: number;
  readonly lastPlayedAt: Date;
}

/** Every track the listener ever played, by track id. */
export async function heardTracks(db: Kysely<Database>, listenerId: number): Promise<HeardTrack[]> {
  const { rows } = await sql<HeardTrack>`
    select track.track_id as "trackId", track.recording_key as "recordingKey", track.isrc,
      heard.plays, heard.listens, heard.last as "lastPlayedAt"
    from (
      select track_id, count(*) as plays, max(ended_at) as last,
        count(*) filter (where ms_played is null or ms_played >= ${LISTEN_MS}::integer) as listens
      from play where listener_id = ${listenerId} group by track_id
    ) as heard join track using (track_id)
    order by track.track_id`.execute(db);
  return rows;
}
