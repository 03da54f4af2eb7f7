import type { z } from 'zod';
import type { logLineView, RunView } from '../api/contract.ts';
import type { LogLine } from '../store/attempt-logs.ts';
import { readLog } from '../store/attempt-logs.ts';
import { type Attempt, listAttempts } from '../store/attempts.ts';
import type { Store } from '../store/connect.ts';
import { findRun, listRuns, listTaskRuns, type Run, type TaskRun } from '../store/runs.ts';

/** The newest runs first, each with its task runs and their attempts. */
export async function readRuns(
  store: Store,
  query: { pipeline?: string | undefined; before?: number | undefined; limit?: number },
): Promise<RunView[]> {
  const runs = await listRuns(store.db, query);
  return Promise.all(runs.map(async (run) => showRun(run, run.taskRuns, await listAttempts(store.db, run.runId))));
}

/** One run, or undefined when there is none with this id. */
export async function readRun(store: Store, runId: number): Promise<RunView | undefined> {
  const run = await findRun(store.db, { runId });
  if (!run) return undefined;
  return showRun(run, await listTaskRuns(store.db, runId), await listAttempts(store.db, runId));
}

/** The lines of one attempt after line `after`, oldest first. */
export async function readAttemptLog(
  store: Store,
  attemptId: number,
  after: number,
): Promise<z.infer<typeof logLineView>[]> {
  return (await readLog(store.db, attemptId, { after })).map(showLine);
}

function showRun(run: Run, taskRuns: readonly TaskRun[], attempts: readonly Attempt[]): RunView {
  return {
    id: run.runId,
    runKey: run.runKey,
    pipeline: run.pipeline,
    trigger: run.trigger,
    status: run.status,
    createdAt: run.createdAt.toISOString(),
    startedAt: iso(run.startedAt),
    finishedAt: iso(run.finishedAt),
    tasks: taskRuns.map((taskRun) => ({
      id: taskRun.taskRunId,
      task: taskRun.task,
      status: taskRun.status,
      after: taskRun.after,
      startedAt: iso(taskRun.startedAt),
      finishedAt: iso(taskRun.finishedAt),
      output: taskRun.output,
      attempts: attempts.filter((attempt) => attempt.taskRunId === taskRun.taskRunId).map(showAttempt),
    })),
  };
}

function showAttempt(attempt: Attempt): RunView['tasks'][number]['attempts'][number] {
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

function showLine(line: LogLine): z.infer<typeof logLineView> {
  return {
    line: line.line,
    at: line.loggedAt.toISOString(),
    level: line.level,
    message: line.message,
    fields: line.fields,
  };
}

function iso(time: Date | null): string | null {
  return time?.toISOString() ?? null;
}
