import { type Kysely, sql } from 'kysely';
import { SAME_PLAY_MS } from '../music/play.ts';
import { pairPlays } from './pair-plays.ts';
import { rowList, textArray } from './rows.ts';
import type { Database } from './schema.ts';

/** The half of a play that recently-played knows. */
export interface PolledHalf {
  readonly trackId: string;
  readonly endedAt: Date;
  readonly contextUri?: string | null | undefined;
}

/** A stored play of a track: a polled one, or an exported one that lies near a polled one. */
interface Row {
  readonly playId: number;
  readonly trackId: string;
  readonly endedAt: Date;
  readonly source: 'api' | 'export';
  readonly polledAt: Date | null;
  readonly contextUri: string | null;
}

interface Changes {
  /** Ids of polled rows that turned out to be exported plays. */
  readonly removed: number[];
  /** Exported rows with the polled half they have from now on. */
  readonly marked: { play_id: number; polled_at: Date | null; context_uri: string | null }[];
  readonly inserted: PolledHalf[];
}

/**
 * Adds `fresh` polled plays (none: after an import, in its transaction) and decides anew, for every polled play of `trackIds`, whether it is an exported one
 * (`pairPlays`). The table then depends on the plays alone, not on the order in which polls and imports brought them.
 * A pair further apart than 90 s was made by someone who knew more, and stays.
 */
export async function settlePolled(
  db: Kysely<Database>,
  listenerId: number,
  trackIds: ReadonlySet<string>,
  fresh: readonly PolledHalf[],
): Promise<{ stored: number; merged: number }> {
  const rows = Map.groupBy(await readRows(db, listenerId, trackIds, fresh), ({ trackId }) => trackId);
  const polled = Map.groupBy(fresh, ({ trackId }) => trackId);
  const changes: Changes = { removed: [], marked: [], inserted: [] };
  const counts = { stored: 0, merged: 0 };
  for (const trackId of trackIds) settleTrack(rows.get(trackId) ?? [], polled.get(trackId) ?? [], changes, counts);
  await write(db, listenerId, changes);
  return counts;
}

function settleTrack(
  rows: readonly Row[],
  fresh: readonly PolledHalf[],
  changes: Changes,
  counts: { stored: number; merged: number },
): void {
  const exported = new Map<number, Row>();
  const halves = new Map<number, { half: PolledHalf; row: Row | undefined }>();
  const elsewhere = new Set<number>();
  for (const row of rows) {
    const { trackId, contextUri } = row;
    const apart = row.polledAt ? Math.abs(row.polledAt.getTime() - row.endedAt.getTime()) : 0;
    if (row.source === 'export' && apart > SAME_PLAY_MS) {
      elsewhere.add(row.polledAt!.getTime());
      continue;
    }
    if (row.source === 'export') exported.set(row.endedAt.getTime(), row);
    const endedAt = row.polledAt ?? (row.source === 'api' ? row.endedAt : undefined);
    if (endedAt) halves.set(endedAt.getTime(), { half: { trackId, endedAt, contextUri }, row });
  }
  const added = new Set<number>();
  for (const half of fresh) {
    const time = half.endedAt.getTime();
    if (halves.has(time) || elsewhere.has(time)) continue;
    halves.set(time, { half, row: undefined });
    added.add(time);
  }

  const pairs = pairPlays([...halves.keys()], [...exported.keys()]);
  const unmarked = new Set([...exported.values()].filter(({ polledAt }) => polledAt));
  for (const [time, { half, row }] of halves) {
    const target = exported.get(pairs.get(time) ?? Number.NaN);
    if (added.has(time)) counts[target ? 'merged' : 'stored']++;
    if (target) {
      unmarked.delete(target);
      if (target === row) continue;
      const context_uri = half.contextUri ?? null;
      changes.marked.push({ play_id: target.playId, polled_at: half.endedAt, context_uri });
      if (row?.source === 'api') changes.removed.push(row.playId);
    } else if (row?.source !== 'api') {
      changes.inserted.push(half);
    }
  }
  for (const { playId } of unmarked) changes.marked.push({ play_id: playId, polled_at: null, context_uri: null });
}

async function readRows(
  db: Kysely<Database>,
  listenerId: number,
  trackIds: ReadonlySet<string>,
  fresh: readonly PolledHalf[],
): Promise<Row[]> {
  const columns = sql`play.play_id as "playId", play.track_id as "trackId", play.ended_at as "endedAt", play.source,
    play.polled_at as "polledAt", play.context_uri as "contextUri"`;
  const polled = await sql<Row>`
    select ${columns} from play
    where listener_id = ${listenerId} and polled_at is not null and track_id = any(${textArray(trackIds)})`.execute(db);
  const times = [
    ...polled.rows.map(({ trackId, polledAt }) => ({ track_id: trackId, polled_at: polledAt })),
    ...fresh.map(({ trackId, endedAt }) => ({ track_id: trackId, polled_at: endedAt })),
  ];
  if (times.length === 0) return [];
  const reach = sql`make_interval(secs => ${SAME_PLAY_MS / 1000}::double precision)`;
  const near = await sql<Row>`
    select distinct ${columns}
    from ${rowList('n', times, { track_id: 'text', polled_at: 'timestamptz' })}
    join play on play.track_id = n.track_id and play.ended_at between n.polled_at - ${reach} and n.polled_at + ${reach}
    where play.listener_id = ${listenerId} and play.source = 'export'`.execute(db);
  const known = new Set(polled.rows.map(({ playId }) => playId));
  return [...polled.rows, ...near.rows.filter(({ playId }) => !known.has(playId))];
}

async function write(db: Kysely<Database>, listenerId: number, { removed, marked, inserted }: Changes): Promise<void> {
  if (removed.length > 0) {
    await sql`delete from play where play_id = any(${removed}::bigint[])`.execute(db);
  }
  if (marked.length > 0) {
    const list = rowList('n', marked, { play_id: 'bigint', polled_at: 'timestamptz', context_uri: 'text' });
    await sql`
      update play set polled_at = n.polled_at, context_uri = n.context_uri
      from ${list} where play.play_id = n.play_id`.execute(db);
  }
  if (inserted.length > 0) {
    const rows = inserted.map(({ trackId, endedAt, contextUri }) => ({
      track_id: trackId,
      ended_at: endedAt,
      context_uri: contextUri,
    }));
    await sql`
      insert into play (listener_id, source, track_id, ended_at, polled_at, context_uri)
      select ${listenerId}::bigint, 'api', n.track_id, n.ended_at, n.ended_at, n.context_uri
      from ${rowList('n', rows, { track_id: 'text', ended_at: 'timestamptz', context_uri: 'text' })}
      on conflict on constraint play_once do nothing`.execute(db);
  }
}
