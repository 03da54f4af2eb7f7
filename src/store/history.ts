// What importing an export needs to ask and to change: its rules are in src/spotify/export-merge.ts.
import { type Kysely, sql } from 'kysely';
import type { PlayFacts, StoredPlay } from '../music/history.ts';
import { type ColumnType, chunks, rowList, textArray } from './rows.ts';
import type { Database } from './schema.ts';

/** A stored play, and whether the Web API told of it, alone or as well. */
export interface NearPlay extends StoredPlay {
  readonly wasPolled: boolean;
}

export interface HistoryInsert extends PlayFacts {
  readonly trackId: string;
  readonly endedAt: Date;
  readonly precision: 'second' | 'minute';
}

export interface HistoryUpdate {
  readonly playId: number;
  readonly trackId: string;
  readonly endedAt: Date;
  readonly precision: 'second' | 'minute';
  readonly play: PlayFacts;
}

/** Nobody else adds plays of this listener until the transaction ends. */
export async function lockPlays(db: Kysely<Database>, listenerId: number): Promise<void> {
  await sql`select 1 from listener where listener_id = ${listenerId} for update`.execute(db);
}

/** The listener's stored plays that ended at most `reachMs` from one of `times` (and some in between). */
export async function findPlaysNear(
  db: Kysely<Database>,
  listenerId: number,
  times: readonly Date[],
  reachMs: number,
): Promise<NearPlay[]> {
  const found: NearPlay[] = [];
  for (const [from, to] of spansOf(times, reachMs)) {
    // Bounds given as values: a table that was never analysed would be read from end to end for a join with spans.
    const { rows } = await sql<NearPlay>`
      select play.play_id as "playId", play.track_id as "trackId", track.recording_key as "recordingKey",
        play.ended_at as "endedAt", play.ms_played as "msPlayed", track.duration_ms as "durationMs",
        case when play.source = 'api' then 'polled'
          when play.precision = 'minute' then 'minute'
          when play.platform is not null or play.polled_at is null then 'precise'
          else 'polled-and-minute' end as known,
        play.polled_at is not null as "wasPolled"
      from play join track using (track_id)
      where play.listener_id = ${listenerId} and play.ended_at between ${new Date(from)} and ${new Date(to)}`.execute(
      db,
    );
    for (const row of rows) found.push(row);
  }
  return found;
}

// Spans closer than a month become one: a file of an export is a handful of queries, even with rows years apart.
const ONE_SPAN_MS = 30 * 24 * 3_600_000;

function spansOf(times: readonly Date[], reachMs: number): [number, number][] {
  const spans: [number, number][] = [];
  for (const time of times.map((at) => at.getTime()).sort((a, b) => a - b)) {
    const last = spans.at(-1);
    if (last && time - last[1] < ONE_SPAN_MS) last[1] = time + reachMs;
    else spans.push([time - reachMs, time + reachMs]);
  }
  return spans;
}

const FACTS: Record<string, ColumnType> = {
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

/** Adds plays of an export; returns how many were new. Their tracks must be stored. */
export async function insertHistory(
  db: Kysely<Database>,
  listenerId: number,
  plays: readonly HistoryInsert[],
): Promise<number> {
  let inserted = 0;
  for (const chunk of chunks(plays)) {
    const rows = chunk.map((play) => ({
      track_id: play.trackId,
      ended_at: play.endedAt,
      precision: play.precision,
      ...factsOf(play),
    }));
    const result = await sql`
      insert into play (listener_id, source, ${sql.join(Object.keys(FACTS).map((name) => sql.id(name)))})
      select ${listenerId}::bigint, 'export', n.* from ${rowList('n', rows, FACTS)}
      on conflict (listener_id, ended_at, track_id) do nothing`.execute(db);
    inserted += Number(result.numAffectedRows ?? 0);
  }
  return inserted;
}

/** Adds what an export says to plays already stored; a polled play keeps the time it was polled with in `polled_at`. */
export async function updateHistory(db: Kysely<Database>, updates: readonly HistoryUpdate[]): Promise<void> {
  for (const chunk of chunks(updates)) {
    const rows = chunk.map(({ playId, trackId, endedAt, precision, play }) => ({
      play_id: playId,
      track_id: trackId,
      ended_at: endedAt,
      precision,
      ...factsOf(play),
    }));
    await sql`
      update play set
        source = 'export',
        polled_at = case when play.source = 'api' then coalesce(play.polled_at, play.ended_at) else play.polled_at end,
        track_id = n.track_id,
        ended_at = n.ended_at,
        precision = n.precision,
        ms_played = coalesce(n.ms_played, play.ms_played),
        platform = coalesce(n.platform, play.platform),
        country = coalesce(n.country, play.country),
        reason_start = coalesce(n.reason_start, play.reason_start),
        reason_end = coalesce(n.reason_end, play.reason_end),
        shuffle = coalesce(n.shuffle, play.shuffle),
        skipped = coalesce(n.skipped, play.skipped),
        offline = coalesce(n.offline, play.offline),
        offline_at = coalesce(n.offline_at, play.offline_at),
        private_session = coalesce(n.private_session, play.private_session)
      from ${rowList('n', rows, { play_id: 'bigint', ...FACTS })}
      where play.play_id = n.play_id`.execute(db);
  }
}

function factsOf(facts: PlayFacts) {
  return {
    ms_played: facts.msPlayed,
    platform: facts.platform,
    country: facts.country,
    reason_start: facts.reasonStart,
    reason_end: facts.reasonEnd,
    shuffle: facts.shuffle,
    skipped: facts.skipped,
    offline: facts.offline,
    offline_at: facts.offlineAt,
    private_session: facts.privateSession,
  };
}

/**
 * For each recording key that has a track with a Spotify id: that track, the one this listener played most where there
 * are several editions.
 */
export async function findTracksOfRecordings(
  db: Kysely<Database>,
  listenerId: number,
  recordingKeys: Iterable<string>,
): Promise<Map<string, string>> {
  const { rows } = await sql<{ key: string; trackId: string }>`
    select distinct on (track.recording_key) track.recording_key as key, track.track_id as "trackId"
    from track
    cross join lateral (
      select count(*) as plays from play where play.track_id = track.track_id and play.listener_id = ${listenerId}
    ) as heard
    where track.recording_key = any(${textArray(recordingKeys)}) and track.track_id not like 'name:%'
    order by track.recording_key, heard.plays desc, track.track_id`.execute(db);
  return new Map(rows.map(({ key, trackId }) => [key, trackId]));
}

/**
 * Counts afresh what the planner goes by. A server does so by itself in time; the embedded database never does, and reads
 * whole tables for want of it.
 */
export async function refreshStatistics(db: Kysely<Database>): Promise<void> {
  await sql`analyze play, track, track_artist, artist, album, liked_track, playlist, playlist_item`.execute(db);
}
