import { findRunOfTaskRun, insertAttempt, listDueTaskRuns, readPosition } from '../store/attempts.ts';
import { listTaskRuns, lockRun, type Run } from '../store/runs.ts';
import type { Engine } from './engine.ts';
import { readyTasks } from './graph.ts';
import type { Transaction } from './task-queue.ts';
import { transact } from './transact.ts';

/** An attempt that this process has begun and must end. */
export interface Claim {
  readonly run: Run;
  readonly taskRunId: number;
  readonly task: string;
  readonly attemptId: number;
  /** The attempt's number, from 1. */
  readonly attempt: number;
}

/** Takes the next due task of any run and begins an attempt at it, in one transaction. */
export async function claimNext(engine: Engine, worker: string): Promise<Claim | undefined> {
  for (;;) {
    const taken = await transact(engine, async (transaction) => {
      const taskRunId = await engine.queue.take(transaction);
      return taskRunId === undefined ? 'none' : ((await begin(engine, transaction, taskRunId, worker)) ?? 'dropped');
    });
    if (taken === 'none') return undefined;
    if (taken !== 'dropped') return taken;
  }
}

/** Begins an attempt at the next due task of one run (one task of it), whatever the queue says. */
export async function claimOwn(
  engine: Engine,
  worker: string,
  { runId, task }: { readonly runId: number; readonly task?: string | undefined },
): Promise<Claim | undefined> {
  const ready = new Set(readyTasks(await listTaskRuns(engine.store.db, runId)));
  for (const candidate of await listDueTaskRuns(engine.store.db, runId)) {
    if (!ready.has(candidate.task) || (task !== undefined && candidate.task !== task)) continue;
    const claim = await transact(engine, async (transaction) => {
      // Job before run, in the order of `claimNext`, so that the two never wait for each other.
      await engine.queue.drop(transaction, candidate.taskRunId);
      return await begin(engine, transaction, candidate.taskRunId, worker);
    });
    if (claim) return claim;
  }
  return undefined;
}

async function begin(
  engine: Engine,
  transaction: Transaction,
  taskRunId: number,
  worker: string,
): Promise<Claim | undefined> {
  const runId = await findRunOfTaskRun(transaction, taskRunId);
  const run = runId === undefined ? undefined : await lockRun(transaction, runId);
  if (!run) return undefined;
  const position = (await readPosition(transaction, taskRunId))!;
  if (position.status !== 'queued') return undefined;
  if (position.notBefore) {
    // A job from before the task failed: its retry has a job of its own, but a dropped one must not be the last.
    await engine.queue.send(transaction, taskRunId, position.notBefore);
    return undefined;
  }
  // A job from before a task above was cleared; that task queues a new one when it is done.
  if (!readyTasks(await listTaskRuns(transaction, run.runId)).includes(position.task)) return undefined;
  const attempt = position.attempts + 1;
  const attemptId = await insertAttempt(transaction, { taskRunId, runId: run.runId, number: attempt, worker });
  return { run, taskRunId, task: position.task, attemptId, attempt };
}
