import { type Kysely, sql } from 'kysely';
import { rowList } from './rows.ts';
import type { Database } from './schema.ts';

// A polled play became an exported one at most this far away (a start taken for an end: the length of a track).
const REACH_MS = 3_600_000;

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
      and play.ended_at between ${new Date(Math.min(...times) - REACH_MS)} and ${new Date(Math.max(...times) + REACH_MS)}`.execute(
    db,
  );
  return new Set(found.rows.map(({ place }) => polls[place]!));
}
