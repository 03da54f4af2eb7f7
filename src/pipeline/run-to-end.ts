import { isDeepStrictEqual } from 'node:util';
import { isSkipped, type TaskOutput } from '../base/task.ts';
import { findUnfinishedRun, type RunInput } from '../store/runs.ts';
import { type Engine, findPipeline, onTaskChange } from './engine.ts';
import { type RunDetail, readRun, type TaskRunDetail } from './read-run.ts';
import { addSingleTask, clearTask, type RunRequest, startRun } from './runs.ts';
import { startWorker, type WorkerOptions } from './worker.ts';

export interface RunToEndOptions extends Omit<WorkerOptions, 'only'> {
  /** Aborted on Ctrl-C: running tasks stop and stay queued, and the run is returned unfinished. */
  readonly signal?: AbortSignal;
  /** Longest wait in milliseconds for a retry that is planned; a run that waits longer is returned unfinished. */
  readonly patienceMs?: number;
  /** Told which run it is before any work is done, and whether it was taken up. */
  readonly onRun?: (runId: number, resumed: boolean) => void;
}

// A run that Spotify has sent away for the day is better looked at tomorrow than waited for in a terminal.
const PATIENCE_MS = 600_000;

/**
 * Runs a pipeline in this process until it has ended. A run of it that has not ended, for example because its process was
 * killed, is taken up where it stands; with a `runKey`, exactly that run. Its status is not final when it was interrupted
 * or has to wait for a retry longer than `patienceMs`.
 */
export async function runToEnd(
  engine: Engine,
  pipeline: string,
  { signal, patienceMs, onRun, input, runKey, trigger, ...options }: RunToEndOptions & Omit<RunRequest, 'own'> = {},
): Promise<RunDetail & { readonly resumed: boolean }> {
  findPipeline(engine, pipeline);
  const unfinished = runKey === undefined ? await findUnfinishedRun(engine.store.db, pipeline) : undefined;
  const takesUp = unfinished && (input === undefined || isDeepStrictEqual(unfinished.input, input));
  const { run, created } = takesUp
    ? { run: unfinished, created: false }
    : await startRun(engine, pipeline, { input, runKey, ...(trigger ? { trigger } : {}), own: true });
  if (!created) engine.log.info('taking up a run that has not ended', { run: run.runKey, pipeline });
  onRun?.(run.runId, !created);
  const detail = await workUntil(engine, { runId: run.runId }, isRunEnded, { ...options, signal, patienceMs });
  return { ...detail, resumed: !created };
}

function isRunEnded({ finishedAt, status }: RunDetail): boolean {
  return finishedAt !== null && status !== 'queued' && status !== 'running';
}

/** How `segue task run` ends: 0 done, 1 failed, 99 nothing to do (used wrongly, 2, is thrown before). */
export type TaskExitCode = 0 | 1 | 99;

export interface SingleTaskResult {
  readonly exitCode: TaskExitCode;
  readonly status: TaskRunDetail['status'];
  readonly output: TaskOutput | null;
  /** What failed, why, what to do; empty when nothing did. */
  readonly errorLines: readonly string[];
  /** Code of the error behind them. */
  readonly errorCode: string | undefined;
  readonly runId: number;
  readonly attemptId: number | undefined;
  /** The output was stored by an earlier call with this run key; nothing ran. */
  readonly stored: boolean;
}

/**
 * Runs one task for another scheduler, such as Airflow. All tasks called with one run key belong to one run, whose key
 * their bodies see. Idempotent per task and run key: what was done is not done again, what failed or was lost is. Throws
 * `task-unknown` and `run-key-taken`.
 */
export async function runTask(
  engine: Engine,
  task: string,
  {
    runKey,
    input = {},
    signal,
    patienceMs,
    onRun,
    ...options
  }: RunToEndOptions & { readonly runKey: string; readonly input?: RunInput[string] },
): Promise<SingleTaskResult> {
  const run = await addSingleTask(engine, task, { runKey, input });
  onRun?.(run.runId, false);
  const before = taskOf(await readRun(engine.store.db, run.runId), task)!;
  const stored = before.status === 'succeeded' || before.status === 'skipped';
  if (before.status === 'failed' || before.status === 'cancelled') await clearTask(engine, run.runId, task);
  const isEnded = (detail: RunDetail): boolean => {
    const { status } = taskOf(detail, task)!;
    return status !== 'queued' && status !== 'running';
  };
  const detail = stored
    ? await readRun(engine.store.db, run.runId)
    : await workUntil(engine, { runId: run.runId, task }, isEnded, { ...options, signal, patienceMs });
  return { ...describeTask(taskOf(detail, task)!), runId: run.runId, stored };
}

function taskOf(run: RunDetail, task: string): TaskRunDetail | undefined {
  return run.taskRuns.find((each) => each.task === task);
}

function describeTask({ status, output, attempts }: TaskRunDetail): Omit<SingleTaskResult, 'runId' | 'stored'> {
  const last = attempts.at(-1);
  const done = output as TaskOutput | null;
  const skipped = status === 'skipped' || (done !== null && isSkipped(done));
  const exitCode = skipped ? 99 : status === 'succeeded' ? 0 : 1;
  const errorLines = exitCode === 1 ? (last?.errorLines ?? []) : [];
  const errorCode = exitCode === 1 ? (last?.errorCode ?? undefined) : undefined;
  return { exitCode, status, output: done, errorLines, errorCode, attemptId: last?.attemptId };
}

/** Works for one run (or one task of it) until `isEnded`, an abort, or a wait longer than the patience. */
async function workUntil(
  engine: Engine,
  only: { readonly runId: number; readonly task?: string },
  isEnded: (run: RunDetail) => boolean,
  {
    signal,
    patienceMs = PATIENCE_MS,
    ...options
  }: { signal: AbortSignal | undefined; patienceMs: number | undefined } & Omit<WorkerOptions, 'only'>,
): Promise<RunDetail> {
  engine.ownRuns.add(only.runId);
  let changed = Promise.withResolvers<void>();
  const look = (): void => changed.resolve();
  const unwatch = onTaskChange(engine, look);
  const unsubscribe = engine.queue.onWake(look);
  signal?.addEventListener('abort', look, { once: true });
  // Other processes on a server may do part of the work.
  const poll = setInterval(look, 1_000);
  let unstored: { readonly error: unknown } | undefined;
  const onUnstored = (error: unknown): void => {
    unstored = { error };
    look();
  };
  const worker = startWorker(engine, { ...options, only, onUnstored });
  try {
    for (;;) {
      changed = Promise.withResolvers();
      // Its row says that it runs, and would for ever; the next start takes it up.
      if (unstored) throw unstored.error;
      const run = await readRun(engine.store.db, only.runId);
      if (isEnded(run) || signal?.aborted || mustWait(run, patienceMs)) break;
      await changed.promise;
    }
  } finally {
    clearInterval(poll);
    unwatch();
    unsubscribe();
    signal?.removeEventListener('abort', look);
    engine.ownRuns.delete(only.runId);
    await worker.stop();
  }
  return await readRun(engine.store.db, only.runId);
}

/** Nothing runs, and everything that is queued waits for a retry further off than `patienceMs`. */
function mustWait({ taskRuns }: RunDetail, patienceMs: number): boolean {
  if (taskRuns.some(({ status }) => status === 'running')) return false;
  const retries = taskRuns
    .filter(({ status }) => status === 'queued')
    .flatMap(({ attempts }) => attempts.at(-1)?.retryAt ?? []);
  return retries.length > 0 && retries.every((retryAt) => retryAt.getTime() > Date.now() + patienceMs);
}
