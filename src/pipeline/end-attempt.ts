import { isExpected } from '../base/errors.ts';
import { isSkipped, type TaskOutput } from '../base/task.ts';
import { type AttemptEnd, countTroubles, endAttempt, endTaskRun } from '../store/attempts.ts';
import { lockRun, type Run } from '../store/runs.ts';
import type { Claim } from './claim.ts';
import type { Engine } from './engine.ts';
import type { TaskStatus } from './graph.ts';
import { redactText } from './redact.ts';
import { retryDelay } from './retry.ts';
import { advanceRun } from './runs.ts';
import type { StopCode } from './stop-reasons.ts';
import type { Transaction } from './task-queue.ts';
import { transact } from './transact.ts';

/** How the body ended. An error of a `StopCode` says that it was made to. */
export type Outcome = { readonly output: TaskOutput } | { readonly error: unknown };

/** What was stored; `retryAt` when another attempt follows. */
export interface Ending {
  readonly status: TaskStatus;
  readonly retryAt: Date | null;
}

/** Stores an attempt's outcome and queues what follows. Undefined when a newer attempt, or none at all, counts by now. */
export async function settleAttempt(engine: Engine, claim: Claim, outcome: Outcome): Promise<Ending | undefined> {
  return await transact(engine, (transaction) => settleIn(engine, transaction, claim, outcome), {
    untilReachable: true,
  });
}

async function settleIn(
  engine: Engine,
  transaction: Transaction,
  claim: Claim,
  outcome: Outcome,
): Promise<Ending | undefined> {
  // Read again under its lock: the run may have been cancelled since it was claimed.
  const run = (await lockRun(transaction, claim.run.runId))!;
  const end = await decideEnd(engine, transaction, run, claim, outcome);
  const ended = await endAttempt(transaction, claim.attemptId, end);
  if (!ended) return undefined;
  const status = statusOfTaskRun(end);
  await endTaskRun(transaction, claim.taskRunId, status, 'output' in outcome ? outcome.output : undefined);
  await advanceRun(engine, transaction, run, [claim.task], ended.retryAt ?? undefined);
  return { status, retryAt: ended.retryAt };
}

/** A task run follows its attempt; when another attempt is planned it waits again. */
export function statusOfTaskRun({ status, retryInMs }: AttemptEnd): Exclude<TaskStatus, 'running'> {
  if (retryInMs !== undefined) return 'queued';
  return status === 'lost' ? 'failed' : status;
}

async function decideEnd(
  engine: Engine,
  transaction: Transaction,
  run: Run,
  claim: Claim,
  outcome: Outcome,
): Promise<AttemptEnd> {
  if ('output' in outcome) return { status: isSkipped(outcome.output) ? 'skipped' : 'succeeded' };
  const { error } = outcome;
  const said = describeError(error);
  if (said.errorCode === ('run-cancelled' satisfies StopCode) || run.status === 'cancelled') {
    return { status: 'cancelled', ...said };
  }
  if (said.errorCode === ('service-stopped' satisfies StopCode)) return { status: 'lost', ...said, retryInMs: 0 };
  const { failures } = await countTroubles(transaction, claim.taskRunId);
  const counts = { failures: failures + 1, maxAttempts: engine.tasks.get(claim.task)?.maxAttempts ?? 1 };
  return { status: 'failed', ...said, retryInMs: retryDelay(error, counts, engine.random, engine.backOff) };
}

/** The three lines of an expected error, or what a bug says of itself; without secrets. */
export function describeError(error: unknown): { errorCode: string; errorLines: string[] } {
  if (isExpected(error)) return { errorCode: error.code, errorLines: error.lines.map(redactText) };
  const said = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return {
    errorCode: 'unexpected',
    errorLines: [redactText(said), 'Nobody expected this error: it is a bug.', "Report it with the task's log."],
  };
}
