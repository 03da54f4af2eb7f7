import { type Kysely, sql } from 'kysely';
import { MERGE_REACH_MS } from '../music/play.ts';
import { rowList } from './rows.ts';
import type { Database } from './schema.ts';

/** Which of these polled plays the listener's table holds, by themselves or merged with an exported one. */
export async function knownPolls<Poll extends { readonly trackId: string; readonly endedAt: Date }>(
  db: Kysely<Database>,
  listenerId: number,
  polls: readonly Poll[],
): Promise<Set<Poll>> {
  if (polls.length === 0) return new Set();
  const times = polls.map(({ endedAt }) => endedAt.getTime());
  const rows = polls.map(({ trackId, endedAt }, place) => ({ place, track_id: trackId, polled_at: endedAt }));
  const columns = { place: 'integer', track_id: 'text', polled_at: 'timestamptz' } as const;
  const found = await sql<{ place: number }>`
    select distinct n.place from ${rowList('n', rows, columns)}
    join play on play.track_id = n.track_id and play.polled_at = n.polled_at
    where play.listener_id = ${listenerId}
      and play.ended_at between ${new Date(Math.min(...times) - MERGE_REACH_MS)} and ${new Date(Math.max(...times) + MERGE_REACH_MS)}`.execute(
    db,
  );
  return new Set(found.rows.map(({ place }) => polls[place]!));
}
