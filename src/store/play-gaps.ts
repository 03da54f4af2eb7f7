import type { Kysely } from 'kysely';
import { SAME_PLAY_MS } from '../music/play.ts';
import type { Database } from './schema.ts';

/** A stretch of time in which plays may have been missed: recently-played holds 50 and had moved past it. */
export interface Gap {
  readonly newestStoredAt: Date;
  readonly oldestFetchedAt: Date;
}

/** To be called before a full page is stored whose oldest play is `oldestFetchedAt`. */
export async function noteGap(
  db: Kysely<Database>,
  listenerId: number,
  oldestFetchedAt: Date,
  detectedAt: Date,
): Promise<Gap | undefined> {
  const { newest } = await db
    .selectFrom('play')
    .select(({ fn }) => fn.max('ended_at').as('newest'))
    .where('listener_id', '=', listenerId)
    .executeTakeFirstOrThrow();
  if (!newest || newest >= oldestFetchedAt) return undefined;
  await db
    .insertInto('play_gap')
    .values({
      listener_id: listenerId,
      newest_stored_at: newest,
      oldest_fetched_at: oldestFetchedAt,
      detected_at: detectedAt,
    })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  return { newestStoredAt: newest, oldestFetchedAt };
}

/** Gaps that nothing has filled yet, oldest first. */
export async function openGaps(db: Kysely<Database>, listenerId: number): Promise<(Gap & { playGapId: number })[]> {
  return await db
    .selectFrom('play_gap')
    .select(['play_gap_id as playGapId', 'newest_stored_at as newestStoredAt', 'oldest_fetched_at as oldestFetchedAt'])
    .where('listener_id', '=', listenerId)
    .where('filled_at', 'is', null)
    .orderBy('newest_stored_at')
    .execute();
}

/** Closes the gaps that plays of an export lie in or reach across: an export is complete for the time it covers. */
export async function fillGaps(
  db: Kysely<Database>,
  listenerId: number,
  endedAt: readonly Date[],
  at: Date,
): Promise<void> {
  const gaps = await openGaps(db, listenerId);
  const filled = gaps.filter((gap) => {
    const from = gap.newestStoredAt.getTime() + SAME_PLAY_MS;
    const to = gap.oldestFetchedAt.getTime() - SAME_PLAY_MS;
    const inside = endedAt.some((time) => time.getTime() > from && time.getTime() < to);
    return inside || (endedAt.some((time) => time.getTime() <= from) && endedAt.some((time) => time.getTime() >= to));
  });
  if (filled.length === 0) return;
  await db
    .updateTable('play_gap')
    .set({ filled_at: at })
    .where(
      'play_gap_id',
      'in',
      filled.map(({ playGapId }) => playGapId),
    )
    .execute();
}
