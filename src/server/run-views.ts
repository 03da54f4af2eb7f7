import type { LogLineView, RunView } from '../api/contract.ts';
import { ExpectedError } from '../base/errors.ts';
import type { ProgressReport } from '../base/progress.ts';
import { type AttemptHead, isAttempt, listAttemptHeads } from '../store/attempt-heads.ts';
import { readLog } from '../store/attempt-logs.ts';
import type { Store } from '../store/connect.ts';
import { findRun, listRuns, listTaskRuns, type Run, type TaskRun } from '../store/runs.ts';

/** How far a task of a run is, where somebody knows. */
export type ProgressOf = (runId: number, task: string) => ProgressReport | undefined;

/** The newest runs first, each with its task runs and their attempts. */
export async function readRuns(
  store: Store,
  query: { pipeline?: string | undefined; before?: number | undefined; limit?: number },
  progressOf?: ProgressOf,
): Promise<RunView[]> {
  const runs = await listRuns(store.db, query);
  return await showRuns(store, runs, progressOf);
}

/** One run, or undefined when there is none with this id. */
export async function readRun(store: Store, runId: number, progressOf?: ProgressOf): Promise<RunView | undefined> {
  const run = await findRun(store.db, { runId });
  if (!run) return undefined;
  return (await showRuns(store, [{ ...run, taskRuns: await listTaskRuns(store.db, runId) }], progressOf))[0];
}

/** The lines of one attempt after line `after`, oldest first, 1000 at most. Throws ExpectedError `not-found`. */
export async function readAttemptLog(store: Store, attemptId: number, after: number): Promise<LogLineView[]> {
  const lines = await readLog(store.db, attemptId, { after });
  if (lines.length === 0 && !(await isAttempt(store.db, attemptId)))
    throw new ExpectedError('not-found', `There is no attempt ${attemptId}.`, {
      why: 'No attempt of a task has this number.',
      hint: 'GET /api/runs lists runs with their attempts.',
    });
  return lines.map(({ line, loggedAt, level, message, fields }) => ({
    line,
    at: loggedAt.toISOString(),
    level,
    message,
    fields,
  }));
}

type FullRun = Run & { readonly taskRuns: readonly TaskRun[] };

async function showRuns(
  store: Store,
  runs: readonly FullRun[],
  progressOf: ProgressOf = () => undefined,
): Promise<RunView[]> {
  const ids = runs.flatMap(({ taskRuns }) => taskRuns.map(({ taskRunId }) => taskRunId));
  const attempts = Map.groupBy(await listAttemptHeads(store.db, ids), ({ taskRunId }) => taskRunId);
  return runs.map((run) => ({
    id: run.runId,
    runKey: run.runKey,
    pipeline: run.pipeline,
    trigger: run.trigger,
    status: run.status,
    scheduledFor: iso(run.scheduledFor),
    codeVersion: run.codeVersion,
    createdAt: run.createdAt.toISOString(),
    startedAt: iso(run.startedAt),
    finishedAt: iso(run.finishedAt),
    tasks: run.taskRuns.map((taskRun) => {
      const progress = taskRun.status === 'running' ? progressOf(run.runId, taskRun.task) : undefined;
      return {
        id: taskRun.taskRunId,
        task: taskRun.task,
        status: taskRun.status,
        after: taskRun.after,
        startedAt: iso(taskRun.startedAt),
        finishedAt: iso(taskRun.finishedAt),
        output: taskRun.output,
        progress: progress
          ? { label: progress.label, done: progress.done, total: progress.total ?? null, unit: progress.unit }
          : null,
        attempts: (attempts.get(taskRun.taskRunId) ?? []).map(showAttempt),
      };
    }),
  }));
}

function showAttempt(attempt: AttemptHead): RunView['tasks'][number]['attempts'][number] {
  return {
    id: attempt.attemptId,
    number: attempt.number,
    status: attempt.status,
    startedAt: attempt.startedAt.toISOString(),
    finishedAt: iso(attempt.finishedAt),
    error: attempt.errorLines,
    retryAt: iso(attempt.retryAt),
  };
}

function iso(time: Date | null): string | null {
  return time?.toISOString() ?? null;
}
