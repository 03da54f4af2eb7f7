// Attempts as screens ask for them: of many runs at once.
import type { Kysely } from 'kysely';
import type { AttemptStatus, Database } from './schema.ts';

export interface AttemptHead {
  readonly attemptId: number;
  readonly taskRunId: number;
  readonly number: number;
  readonly status: AttemptStatus;
  readonly startedAt: Date;
  readonly finishedAt: Date | null;
  /** What failed, why, what to do. */
  readonly errorLines: string[] | null;
  readonly retryAt: Date | null;
}

/** Attempts of these task runs, oldest first. */
export async function listAttemptHeads(db: Kysely<Database>, taskRunIds: readonly number[]): Promise<AttemptHead[]> {
  if (taskRunIds.length === 0) return [];
  return await db
    .selectFrom('attempt')
    .select([
      'attempt_id as attemptId',
      'task_run_id as taskRunId',
      'number',
      'status',
      'started_at as startedAt',
      'finished_at as finishedAt',
      'error_lines as errorLines',
      'retry_at as retryAt',
    ])
    .where('task_run_id', 'in', taskRunIds)
    .orderBy('task_run_id')
    .orderBy('number')
    .execute();
}

export async function isAttempt(db: Kysely<Database>, attemptId: number): Promise<boolean> {
  const row = await db
    .selectFrom('attempt')
    .select('attempt_id')
    .where('attempt_id', '=', attemptId)
    .executeTakeFirst();
  return row !== undefined;
}
