import { isSkipped, type Json, type TaskContext, type TaskOutput } from '../base/task.ts';
import { openAttemptLog } from './attempt-log.ts';
import type { Claim } from './claim.ts';
import { describeError, type Ending, type Outcome, settleAttempt } from './end-attempt.ts';
import { type Engine, findTask } from './engine.ts';
import { taskStuck, taskTimeout } from './stop-reasons.ts';

// Longest delay of a Node timer (2^31 - 1 ms, 24 days).
const LONGEST_TIMER_MS = 2_147_483_647;

/**
 * Runs the task of a claim once and stores how it ended. `stop` is aborted with one of the stop reasons; a body that does
 * not end within `graceMs` of any abort is left behind. Undefined when the outcome came too late to count.
 */
export async function runAttempt(
  engine: Engine,
  claim: Claim,
  stop: AbortSignal,
  graceMs: number,
): Promise<Ending | undefined> {
  const { run, task: taskName, attempt, attemptId } = claim;
  const log = openAttemptLog(engine, attemptId, { run: run.runKey, task: taskName, attempt });
  engine.events.emit('change', { runId: run.runId, task: taskName, status: 'running', attempt });

  const outcome = await runBody(engine, claim, stop, graceMs, log);
  if ('output' in outcome) {
    if (isSkipped(outcome.output)) log.info(`nothing to do: ${outcome.output.skipped}`);
    else log.info('done', { ...outcome.output });
  } else {
    const [what, why, hint] = describeError(outcome.error).errorLines;
    const stopped = stop.aborted;
    log[stopped ? 'warn' : 'error'](what!, { why, hint, ...(stopped ? {} : { error: outcome.error }) });
  }
  await log.flush();
  const ending = await settleAttempt(engine, claim, outcome);
  if (ending) {
    engine.events.emit('change', { runId: run.runId, task: taskName, status: ending.status, attempt });
  } else {
    engine.log.warn('an outcome came too late to count', { run: run.runKey, task: taskName, attempt });
  }
  return ending;
}

async function runBody(
  engine: Engine,
  { run, task: taskName, attempt }: Claim,
  stop: AbortSignal,
  graceMs: number,
  log: TaskContext['log'],
): Promise<Outcome> {
  const timeout = new AbortController();
  const signal = AbortSignal.any([stop, timeout.signal]);
  let timer: NodeJS.Timeout | undefined;
  try {
    const task = findTask(engine, taskName);
    timer = setTimeout(
      () => timeout.abort(taskTimeout(taskName, task.timeoutMs)),
      Math.min(task.timeoutMs, LONGEST_TIMER_MS),
    );
    signal.throwIfAborted();
    const context: TaskContext = {
      runKey: run.runKey,
      attempt,
      signal,
      log,
      progress: (report) => engine.events.emit('progress', { runId: run.runId, task: taskName, attempt, report }),
      clock: engine.clock,
      random: engine.random,
    };
    const input: Json = run.input[taskName] ?? {};
    return { output: await untilStuck(taskName, task.run(input, context), signal, graceMs) };
  } catch (error) {
    // What a body throws once it was told to stop is only its way of stopping.
    const stuck = (error as { code?: unknown } | null)?.code === 'task-stuck';
    return { error: signal.aborted && !(stuck && !stop.aborted) ? signal.reason : error };
  } finally {
    clearTimeout(timer);
  }
}

/** The body's answer; rejects with `task-stuck` when it has not come `graceMs` after the signal. */
async function untilStuck(
  task: string,
  body: Promise<TaskOutput>,
  signal: AbortSignal,
  graceMs: number,
): Promise<TaskOutput> {
  const { promise: stuck, reject } = Promise.withResolvers<never>();
  let timer: NodeJS.Timeout | undefined;
  const onAbort = (): void => {
    timer = setTimeout(() => reject(taskStuck(task)), graceMs);
  };
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([body, stuck]);
  } finally {
    signal.removeEventListener('abort', onAbort);
    clearTimeout(timer);
    body.catch(() => {});
  }
}
