// Attempts: one try each of one task run. Times are the database's own, because several machines may write here.
import { type Kysely, sql } from 'kysely';
import type { TaskOutput } from '../base/task.ts';
import { jsonText, textArray } from './rows.ts';
import type { AttemptStatus, Database } from './schema.ts';

export interface Attempt {
  readonly attemptId: number;
  readonly taskRunId: number;
  readonly number: number;
  readonly status: AttemptStatus;
  readonly worker: string;
  readonly startedAt: Date;
  readonly heartbeatAt: Date;
  readonly finishedAt: Date | null;
  readonly errorCode: string | null;
  /** What failed, why, what to do. */
  readonly errorLines: string[] | null;
  /** When the next attempt may start; null when none was planned after this one. */
  readonly retryAt: Date | null;
}

const ATTEMPT = [
  'attempt_id as attemptId',
  'task_run_id as taskRunId',
  'number',
  'status',
  'worker',
  'started_at as startedAt',
  'heartbeat_at as heartbeatAt',
  'finished_at as finishedAt',
  'error_code as errorCode',
  'error_lines as errorLines',
  'retry_at as retryAt',
] as const;

/** Where a task run stands, read under the lock of its run. */
export interface TaskRunPosition {
  readonly runId: number;
  readonly task: string;
  readonly status: string;
  readonly attempts: number;
  /** Set while a planned retry is not due yet. */
  readonly notBefore: Date | null;
}

export async function findRunOfTaskRun(db: Kysely<Database>, taskRunId: number): Promise<number | undefined> {
  const row = await db.selectFrom('task_run').select('run_id').where('task_run_id', '=', taskRunId).executeTakeFirst();
  return row?.run_id;
}

export async function readPosition(db: Kysely<Database>, taskRunId: number): Promise<TaskRunPosition | undefined> {
  const { rows } = await sql<TaskRunPosition>`
    select run_id as "runId", task, task_run.status, coalesce(latest.number, 0) as attempts,
           case when latest.retry_at > now() then latest.retry_at end as "notBefore"
    from task_run
    left join lateral (
      select number, retry_at from attempt where attempt.task_run_id = task_run.task_run_id order by number desc limit 1
    ) latest on true
    where task_run_id = ${taskRunId}`.execute(db);
  return rows[0];
}

/** Task runs of one run that are queued, and whose planned retry, if any, is due. */
export async function listDueTaskRuns(
  db: Kysely<Database>,
  runId: number,
): Promise<{ taskRunId: number; task: string }[]> {
  const { rows } = await sql<{ taskRunId: number; task: string }>`
    select task_run_id as "taskRunId", task from task_run
    where run_id = ${runId} and status = 'queued'
      and not exists (select from attempt where attempt.task_run_id = task_run.task_run_id and retry_at > now())
    order by task_run_id`.execute(db);
  return rows;
}

/** Opens attempt `number` and marks task run and run as running. */
export async function insertAttempt(
  db: Kysely<Database>,
  { taskRunId, runId, number, worker }: { taskRunId: number; runId: number; number: number; worker: string },
): Promise<number> {
  const now = sql<Date>`now()`;
  const { attempt_id } = await db
    .insertInto('attempt')
    .values({ task_run_id: taskRunId, number, status: 'running', worker, started_at: now, heartbeat_at: now })
    .returning('attempt_id')
    .executeTakeFirstOrThrow();
  await sql`
    update task_run set status = 'running', started_at = coalesce(started_at, now()), finished_at = null
    where task_run_id = ${taskRunId}`.execute(db);
  await sql`
    update run set status = 'running', started_at = coalesce(started_at, now())
    where run_id = ${runId} and status = 'queued'`.execute(db);
  return attempt_id;
}

/** Says that these attempts are alive. Answers for each still running whether its run was cancelled meanwhile. */
export async function beatAttempts(
  db: Kysely<Database>,
  attemptIds: readonly number[],
): Promise<{ attemptId: number; cancelled: boolean }[]> {
  if (attemptIds.length === 0) return [];
  const { rows } = await sql<{ attemptId: number; cancelled: boolean }>`
    update attempt set heartbeat_at = now()
    from task_run join run using (run_id)
    where attempt.task_run_id = task_run.task_run_id and attempt.status = 'running'
      and attempt_id in (${sql.join(attemptIds)})
    returning attempt_id as "attemptId", run.status = 'cancelled' as cancelled`.execute(db);
  return rows;
}

export interface AttemptEnd {
  readonly status: Exclude<AttemptStatus, 'running'>;
  readonly errorCode?: string | undefined;
  readonly errorLines?: readonly string[] | undefined;
  /** Milliseconds until the next attempt; undefined when none follows. */
  readonly retryInMs?: number | undefined;
}

/**
 * Ends an attempt that is still running and returns when the next may start (null: none follows). Undefined when it is
 * not running any more: it was given up as lost, cancelled or replaced, and whatever it brings comes too late.
 */
export async function endAttempt(
  db: Kysely<Database>,
  attemptId: number,
  { status, errorCode, errorLines, retryInMs }: AttemptEnd,
): Promise<{ retryAt: Date | null } | undefined> {
  const { rows } = await sql<{ retryAt: Date | null }>`
    update attempt set status = ${status}, finished_at = now(), error_code = ${errorCode ?? null},
      error_lines = ${errorLines ? textArray(errorLines) : null},
      retry_at = date_trunc('milliseconds', now() + ${retryInMs ?? null}::float8 * interval '1 millisecond')
    where attempt_id = ${attemptId} and status = 'running'
    returning retry_at as "retryAt"`.execute(db);
  return rows[0];
}

/** What an ended attempt means for its task run. */
export async function endTaskRun(
  db: Kysely<Database>,
  taskRunId: number,
  status: 'queued' | 'succeeded' | 'failed' | 'skipped' | 'cancelled',
  output?: TaskOutput,
): Promise<void> {
  await db
    .updateTable('task_run')
    .set({
      status,
      output: output === undefined ? null : jsonText(output),
      finished_at: status === 'queued' ? null : sql<Date>`now()`,
    })
    .where('task_run_id', '=', taskRunId)
    .execute();
}

/** Ends the round of retries: what happens next to these task runs starts counting failures anew. */
export async function forgetPlannedRetries(db: Kysely<Database>, taskRunIds: readonly number[]): Promise<void> {
  if (taskRunIds.length === 0) return;
  await db.updateTable('attempt').set({ retry_at: null }).where('task_run_id', 'in', taskRunIds).execute();
}

/** Cancels what runs of these task runs; returns the attempts. */
export async function cancelRunningAttempts(db: Kysely<Database>, taskRunIds: readonly number[]): Promise<number[]> {
  if (taskRunIds.length === 0) return [];
  const rows = await db
    .updateTable('attempt')
    .set({ status: 'cancelled', finished_at: sql<Date>`now()` })
    .where('task_run_id', 'in', taskRunIds)
    .where('status', '=', 'running')
    .returning('attempt_id')
    .execute();
  return rows.map(({ attempt_id }) => attempt_id);
}

/** How often a task run failed, and lost its worker, since it was first started or last cleared. */
export async function countTroubles(
  db: Kysely<Database>,
  taskRunId: number,
): Promise<{ failures: number; deaths: number }> {
  const { rows } = await sql<{ failures: number; deaths: number }>`
    select count(*) filter (where status = 'failed') as failures,
           count(*) filter (where status = 'lost' and error_code = 'worker-died') as deaths
    from attempt where task_run_id = ${taskRunId} and retry_at is not null`.execute(db);
  return rows[0]!;
}

export interface SilentAttempt {
  readonly attemptId: number;
  readonly taskRunId: number;
  readonly runId: number;
}

/** Running attempts without a sign of life for `leaseMs` milliseconds (0: all of them). */
export async function listSilentAttempts(db: Kysely<Database>, leaseMs: number): Promise<SilentAttempt[]> {
  const { rows } = await sql<SilentAttempt>`
    select attempt_id as "attemptId", task_run_id as "taskRunId", run_id as "runId"
    from attempt join task_run using (task_run_id)
    where attempt.status = 'running' and heartbeat_at <= now() - ${leaseMs}::float8 * interval '1 millisecond'
    order by attempt_id`.execute(db);
  return rows;
}

/** Ends a silent attempt as lost unless it gave a sign of life meanwhile. Same answer as `endAttempt`. */
export async function loseAttempt(
  db: Kysely<Database>,
  attemptId: number,
  leaseMs: number,
  end: AttemptEnd,
): Promise<{ retryAt: Date | null } | undefined> {
  const { rows } = await sql`
    select from attempt where attempt_id = ${attemptId} and status = 'running'
      and heartbeat_at <= now() - ${leaseMs}::float8 * interval '1 millisecond' for update`.execute(db);
  return rows.length === 0 ? undefined : await endAttempt(db, attemptId, end);
}

/** All attempts of a run, task by task, oldest first. */
export async function listAttempts(db: Kysely<Database>, runId: number): Promise<Attempt[]> {
  return (await db
    .selectFrom('attempt')
    .select(ATTEMPT)
    .where('task_run_id', 'in', (inner) =>
      inner.selectFrom('task_run').select('task_run_id').where('run_id', '=', runId),
    )
    .orderBy('task_run_id')
    .orderBy('number')
    .execute()) as Attempt[];
}
