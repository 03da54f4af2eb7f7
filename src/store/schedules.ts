// When pipelines start by themselves.
import type { Kysely } from 'kysely';
import type { Database } from './schema.ts';

export interface Schedule {
  readonly pipeline: string;
  /** Five fields. */
  readonly cron: string;
  readonly timeZone: string;
  readonly paused: boolean;
  /** Ticks up to here are dealt with: started, or passed over on purpose. */
  readonly lastTickAt: Date;
}

const SCHEDULE = ['pipeline', 'cron', 'time_zone as timeZone', 'paused', 'last_tick_at as lastTickAt'] as const;

/** Adds a schedule that starts counting at `since`; one that the owner already has stays as it is. */
export async function addSchedule(
  db: Kysely<Database>,
  { pipeline, cron, timeZone, since }: { pipeline: string; cron: string; timeZone: string; since: Date },
): Promise<void> {
  await db
    .insertInto('schedule')
    .values({ pipeline, cron, time_zone: timeZone, last_tick_at: since })
    .onConflict((conflict) => conflict.column('pipeline').doNothing())
    .execute();
}

/** Changes when a pipeline starts, from `since` on. */
export async function changeSchedule(
  db: Kysely<Database>,
  { pipeline, cron, timeZone, since }: { pipeline: string; cron: string; timeZone: string; since: Date },
): Promise<void> {
  await db
    .insertInto('schedule')
    .values({ pipeline, cron, time_zone: timeZone, last_tick_at: since })
    .onConflict((conflict) =>
      conflict.column('pipeline').doUpdateSet({ cron, time_zone: timeZone, last_tick_at: since }),
    )
    .execute();
}

/** False when there is no such schedule. On resuming, ticks up to `now` count as dealt with. */
export async function setSchedulePaused(
  db: Kysely<Database>,
  pipeline: string,
  paused: boolean,
  now: Date,
): Promise<boolean> {
  const changed = await db
    .updateTable('schedule')
    .set(paused ? { paused } : { paused, last_tick_at: now })
    .where('pipeline', '=', pipeline)
    .where('paused', '=', !paused)
    .returning('pipeline')
    .execute();
  if (changed.length > 0) return true;
  return (await findSchedule(db, pipeline)) !== undefined;
}

export async function listSchedules(db: Kysely<Database>): Promise<Schedule[]> {
  return (await db.selectFrom('schedule').select(SCHEDULE).orderBy('pipeline').execute()) as Schedule[];
}

export async function findSchedule(db: Kysely<Database>, pipeline: string): Promise<Schedule | undefined> {
  return (await db.selectFrom('schedule').select(SCHEDULE).where('pipeline', '=', pipeline).executeTakeFirst()) as
    | Schedule
    | undefined;
}

/** As `findSchedule`, held until the transaction ends, so that of several services one deals with a tick. */
export async function lockSchedule(db: Kysely<Database>, pipeline: string): Promise<Schedule | undefined> {
  return (await db
    .selectFrom('schedule')
    .select(SCHEDULE)
    .where('pipeline', '=', pipeline)
    .forUpdate()
    .executeTakeFirst()) as Schedule | undefined;
}

export async function markTick(db: Kysely<Database>, pipeline: string, tick: Date): Promise<void> {
  await db.updateTable('schedule').set({ last_tick_at: tick }).where('pipeline', '=', pipeline).execute();
}
