import { type AttemptEnd, countTroubles, endTaskRun, listSilentAttempts, loseAttempt } from '../store/attempts.ts';
import { listTaskRuns, lockRun } from '../store/runs.ts';
import { describeError, statusOfTaskRun } from './end-attempt.ts';
import type { Engine } from './engine.ts';
import { advanceRun } from './runs.ts';
import { workerDied } from './stop-reasons.ts';
import { transact } from './transact.ts';

// A task that takes its process down every time, for example for lack of memory, must not do so for ever.
const MOST_DEATHS = 5;

/** Gives up running attempts without a sign of life for `leaseMs` milliseconds and queues their tasks again. Returns how many. */
export async function loseSilentAttempts(engine: Engine, leaseMs: number): Promise<number> {
  let lost = 0;
  for (const { attemptId, taskRunId, runId } of await listSilentAttempts(engine.store.db, leaseMs)) {
    const done = await transact(engine, async (transaction) => {
      const run = (await lockRun(transaction, runId))!;
      const deaths = (await countTroubles(transaction, taskRunId)).deaths + 1;
      const retryInMs = run.status === 'cancelled' || deaths >= MOST_DEATHS ? undefined : 0;
      const end: AttemptEnd = { status: 'lost', ...describeError(workerDied(deaths)), retryInMs };
      const ended = await loseAttempt(transaction, attemptId, leaseMs, end);
      if (!ended) return false;
      const status = run.status === 'cancelled' ? 'cancelled' : statusOfTaskRun(end);
      await endTaskRun(transaction, taskRunId, status);
      const task = (await listTaskRuns(transaction, runId)).find((each) => each.taskRunId === taskRunId)!.task;
      await advanceRun(engine, transaction, run, [task], ended.retryAt ?? undefined);
      engine.log.warn('an attempt was lost with its worker', {
        run: runId,
        task,
        attempt: attemptId,
        retried: status === 'queued',
      });
      return true;
    });
    if (done) lost++;
  }
  if (lost > 0) engine.queue.wake();
  return lost;
}
