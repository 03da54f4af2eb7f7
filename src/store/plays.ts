import { type Kysely, sql } from 'kysely';
import { LISTEN_MS, type Play } from '../music/play.ts';
import { fillGaps, type Gap, noteGap } from './play-gaps.ts';
import { type ColumnType, chunks, rowList } from './rows.ts';
import type { Database } from './schema.ts';
import { type PolledHalf, settlePolled } from './settle-polled.ts';
import { inTransaction } from './transaction.ts';

/** A play as the owner's export gives it, null or absent where it says nothing. Its track must be stored. */
export interface ExportPlay {
  readonly trackId: string;
  readonly endedAt: Date;
  /** `minute`: the account data, where `endedAt` is the beginning of the minute in which the play ended. */
  readonly precision?: 'second' | 'minute' | undefined;
  readonly msPlayed: number | null;
  readonly platform?: string | null | undefined;
  readonly country?: string | null | undefined;
  readonly reasonStart?: string | null | undefined;
  readonly reasonEnd?: string | null | undefined;
  readonly shuffle?: boolean | null | undefined;
  readonly skipped?: boolean | null | undefined;
  readonly offline?: boolean | null | undefined;
  readonly offlineAt?: Date | null | undefined;
  readonly privateSession?: boolean | null | undefined;
}

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
    const oldest = plays.reduce((least, { endedAt }) => Math.min(least, endedAt.getTime()), Number.POSITIVE_INFINITY);
    const gap =
      pageIsFull && plays.length > 0 ? await noteGap(transaction, listenerId, new Date(oldest), fetchedAt) : undefined;
    const tracks = new Set(plays.map(({ trackId }) => trackId));
    const { stored, merged } = await settlePolled(transaction, listenerId, tracks, plays);
    return { stored, merged, alreadyThere: plays.length - stored - merged, gap };
  });
}

/**
 * Stores plays of an export. The same play given again changes nothing; of two for one track and second the longer
 * stays. A polled play (same track, ends at most 90 s apart, one to one) becomes the exported one and keeps `polled_at`.
 * Gaps that these plays fall into or reach across are closed as of `at`.
 */
export async function saveExportPlays(
  db: Kysely<Database>,
  listenerId: number,
  plays: readonly ExportPlay[],
  at: Date,
): Promise<SavedPlays> {
  return await inTransaction(db, async (transaction) => {
    const polledBefore = await countPolled(transaction, listenerId);
    let added = 0;
    for (const chunk of chunks(plays)) added += await insertExported(transaction, listenerId, chunk);
    await settlePolled(transaction, listenerId, new Set(plays.map(({ trackId }) => trackId)), []);
    const merged = polledBefore - (await countPolled(transaction, listenerId));
    await fillGaps(
      transaction,
      listenerId,
      plays.map(({ endedAt }) => endedAt),
      at,
    );
    return { stored: added - merged, merged, alreadyThere: plays.length - added };
  });
}

/** Plays that ended at `since` or later, oldest first. */
export async function recentPlays(db: Kysely<Database>, listenerId: number, since: Date): Promise<Play[]> {
  return await db
    .selectFrom('play')
    .select(['track_id as trackId', 'ended_at as endedAt', 'ms_played as msPlayed', 'source'])
    .where('listener_id', '=', listenerId)
    .where('ended_at', '>=', since)
    .orderBy('ended_at')
    .orderBy('track_id')
    .execute();
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

const EXPORT_COLUMNS: Record<string, ColumnType> = {
  track_id: 'text',
  ended_at: 'timestamptz',
  precision: 'text',
  ms_played: 'integer',
  platform: 'text',
  country: 'text',
  reason_start: 'text',
  reason_end: 'text',
  shuffle: 'boolean',
  skipped: 'boolean',
  offline: 'boolean',
  offline_at: 'timestamptz',
  private_session: 'boolean',
};

/** Returns how many plays the table knew nothing or only the polled half of. */
async function insertExported(db: Kysely<Database>, listenerId: number, plays: readonly ExportPlay[]): Promise<number> {
  const rows = plays.map((play) => ({
    track_id: play.trackId,
    ended_at: play.endedAt,
    precision: play.precision ?? 'second',
    ms_played: play.msPlayed,
    platform: play.platform,
    country: play.country,
    reason_start: play.reasonStart,
    reason_end: play.reasonEnd,
    shuffle: play.shuffle,
    skipped: play.skipped,
    offline: play.offline,
    offline_at: play.offlineAt,
    private_session: play.privateSession,
  }));
  const columns = sql.join(Object.keys(EXPORT_COLUMNS).map((name) => sql.id(name)));
  const replaced = sql.join(Object.keys(EXPORT_COLUMNS).map((name) => sql`${sql.id(name)} = excluded.${sql.id(name)}`));
  // What makes one of two reports of a play the better one: the longer, and else whichever, but always the same.
  const rank = (row: string) =>
    sql`(coalesce(${sql.id(row, 'ms_played')}, -1), coalesce(${sql.id(row, 'reason_end')}, ''),
      coalesce(${sql.id(row, 'reason_start')}, ''), coalesce(${sql.id(row, 'platform')}, ''))`;
  const before = await sql<{ count: number }>`
    select count(*) from (select distinct n.ended_at, n.track_id from ${rowList('n', rows, EXPORT_COLUMNS)}) as n
    join play on play.listener_id = ${listenerId} and play.ended_at = n.ended_at and play.track_id = n.track_id
      and play.source = 'export'`.execute(db);
  const after = await sql<{ count: number }>`
    with best as (
      select distinct on (n.ended_at, n.track_id) n.* from ${rowList('n', rows, EXPORT_COLUMNS)}
      order by n.ended_at, n.track_id, ${rank('n')} desc
    ), written as (
      insert into play (listener_id, source, ${columns})
      select ${listenerId}::bigint, 'export', best.* from best
      on conflict on constraint play_once do update set source = 'export', ${replaced}
      where play.source = 'api' or ${rank('excluded')} > ${rank('play')}
    )
    select count(*) from best`.execute(db);
  return after.rows[0]!.count - before.rows[0]!.count;
}

async function countPolled(db: Kysely<Database>, listenerId: number): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*) from play where listener_id = ${listenerId} and source = 'api'`.execute(db);
  return rows[0]!.count;
}
