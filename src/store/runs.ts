// Runs and their task runs: what was started, what waits for what, and how it ended.
import { type Kysely, sql } from 'kysely';
import type { Json, PipelineNode } from '../base/task.ts';
import { jsonText } from './rows.ts';
import type { Database, RunStatus } from './schema.ts';

export type Trigger = 'schedule' | 'manual' | 'backfill';

/** Input of a run, by task. */
export type RunInput = { readonly [task: string]: Json };

export interface NewRun {
  readonly runKey: string;
  readonly pipeline: string;
  readonly trigger: Trigger;
  readonly input: RunInput;
  readonly nodes: readonly PipelineNode[];
  /** The tick of the schedule that this run is for. */
  readonly scheduledFor?: Date | undefined;
  readonly codeVersion?: string | undefined;
}

export interface Run {
  readonly runId: number;
  readonly runKey: string;
  readonly pipeline: string;
  readonly trigger: Trigger;
  readonly status: RunStatus;
  readonly input: RunInput;
  readonly scheduledFor: Date | null;
  readonly codeVersion: string | null;
  readonly createdAt: Date;
  readonly startedAt: Date | null;
  readonly finishedAt: Date | null;
}

export interface TaskRun {
  readonly taskRunId: number;
  readonly runId: number;
  readonly task: string;
  readonly after: string[];
  readonly optional: boolean;
  readonly status: RunStatus;
  readonly output: Json;
  readonly startedAt: Date | null;
  readonly finishedAt: Date | null;
}

const RUN = [
  'run_id as runId',
  'run_key as runKey',
  'pipeline',
  'trigger',
  'status',
  'input',
  'scheduled_for as scheduledFor',
  'code_version as codeVersion',
  'created_at as createdAt',
  'started_at as startedAt',
  'finished_at as finishedAt',
] as const;

const TASK_RUN = [
  'task_run_id as taskRunId',
  'run_id as runId',
  'task',
  'after',
  'optional',
  'status',
  'output',
  'started_at as startedAt',
  'finished_at as finishedAt',
] as const;

/** Stores a run with its task runs, all queued; undefined when a run with this key exists. Use inside a transaction. */
export async function insertRun(db: Kysely<Database>, run: NewRun): Promise<Run | undefined> {
  const stored = await db
    .insertInto('run')
    .values({
      run_key: run.runKey,
      pipeline: run.pipeline,
      trigger: run.trigger,
      status: 'queued',
      input: jsonText(run.input),
      scheduled_for: run.scheduledFor ?? null,
      code_version: run.codeVersion ?? null,
      started_at: null,
      finished_at: null,
    })
    .onConflict((conflict) => conflict.column('run_key').doNothing())
    .returning(RUN)
    .executeTakeFirst();
  if (!stored) return undefined;
  for (const node of run.nodes) await insertTaskRun(db, stored.runId, node);
  return stored as Run;
}

export async function insertTaskRun(db: Kysely<Database>, runId: number, node: PipelineNode): Promise<void> {
  await db
    .insertInto('task_run')
    .values({
      run_id: runId,
      task: node.task,
      after: [...node.after],
      optional: node.optional ?? false,
      status: 'queued',
      started_at: null,
      finished_at: null,
    })
    .execute();
}

/** Holds the run's row until the transaction ends: whoever changes anything in a run does this first. */
export async function lockRun(db: Kysely<Database>, runId: number): Promise<Run | undefined> {
  return (await db.selectFrom('run').select(RUN).where('run_id', '=', runId).forUpdate().executeTakeFirst()) as
    | Run
    | undefined;
}

/** `queued` and `running` clear the finish; every other status sets it, unless the run still has something running. */
export async function setRunStatus(
  db: Kysely<Database>,
  runId: number,
  status: RunStatus,
  stillRunning = false,
): Promise<void> {
  const ends = status !== 'queued' && status !== 'running' && !stillRunning;
  await db
    .updateTable('run')
    .set({ status, finished_at: ends ? sql<Date>`now()` : null })
    .where('run_id', '=', runId)
    .execute();
}

export async function setRunInput(db: Kysely<Database>, runId: number, input: RunInput): Promise<void> {
  await db
    .updateTable('run')
    .set({ input: jsonText(input) })
    .where('run_id', '=', runId)
    .execute();
}

/** `queued` forgets output and times of an earlier round; `cancelled` marks the finish. */
export async function setTaskRunStatus(
  db: Kysely<Database>,
  taskRunIds: readonly number[],
  status: 'queued' | 'cancelled',
): Promise<void> {
  if (taskRunIds.length === 0) return;
  await db
    .updateTable('task_run')
    .set(
      status === 'queued'
        ? { status, output: null, started_at: null, finished_at: null }
        : { status, finished_at: sql<Date>`now()` },
    )
    .where('task_run_id', 'in', taskRunIds)
    .execute();
}

export async function findRun(
  db: Kysely<Database>,
  which: { readonly runId: number } | { readonly runKey: string },
): Promise<Run | undefined> {
  const query = db.selectFrom('run').select(RUN);
  const found = 'runId' in which ? query.where('run_id', '=', which.runId) : query.where('run_key', '=', which.runKey);
  return (await found.executeTakeFirst()) as Run | undefined;
}

/** The oldest run of a pipeline that has not ended. */
export async function findUnfinishedRun(db: Kysely<Database>, pipeline: string): Promise<Run | undefined> {
  return (await db
    .selectFrom('run')
    .select(RUN)
    .where('pipeline', '=', pipeline)
    .where('status', 'in', ['queued', 'running'])
    .orderBy('run_id')
    .limit(1)
    .executeTakeFirst()) as Run | undefined;
}

/** In the order in which they were planned, which respects what waits for what. */
export async function listTaskRuns(db: Kysely<Database>, runId: number): Promise<TaskRun[]> {
  return (await db
    .selectFrom('task_run')
    .select(TASK_RUN)
    .where('run_id', '=', runId)
    .orderBy('task_run_id')
    .execute()) as TaskRun[];
}

/** Newest first. `before`: only runs with a smaller id, for the next page. */
export async function listRuns(
  db: Kysely<Database>,
  { pipeline, before, limit = 50 }: { pipeline?: string | undefined; before?: number | undefined; limit?: number } = {},
): Promise<(Run & { readonly taskRuns: TaskRun[] })[]> {
  let query = db.selectFrom('run').select(RUN).orderBy('run_id', 'desc').limit(limit);
  if (pipeline !== undefined) query = query.where('pipeline', '=', pipeline);
  if (before !== undefined) query = query.where('run_id', '<', before);
  const runs = (await query.execute()) as Run[];
  if (runs.length === 0) return [];
  const taskRuns = (await db
    .selectFrom('task_run')
    .select(TASK_RUN)
    .where(
      'run_id',
      'in',
      runs.map(({ runId }) => runId),
    )
    .orderBy('task_run_id')
    .execute()) as TaskRun[];
  const byRun = Map.groupBy(taskRuns, ({ runId }) => runId);
  return runs.map((run) => ({ ...run, taskRuns: byRun.get(run.runId) ?? [] }));
}

/** The newest run of a pipeline; its index gives it, however many there are. */
export async function findLatestRun(db: Kysely<Database>, pipeline: string): Promise<Run | undefined> {
  return (await db
    .selectFrom('run')
    .select(RUN)
    .where('pipeline', '=', pipeline)
    .orderBy('created_at', 'desc')
    .orderBy('run_id', 'desc')
    .limit(1)
    .executeTakeFirst()) as Run | undefined;
}
