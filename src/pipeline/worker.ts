import { hostname } from 'node:os';
import { beatAttempts } from '../store/attempts.ts';
import { type Claim, claimNext, claimOwn } from './claim.ts';
import { type Engine, onProgress, type TaskProgress } from './engine.ts';
import { loseSilentAttempts } from './lost-attempts.ts';
import { runAttempt } from './run-attempt.ts';
import { attemptReplaced, runCancelled, serviceStopped } from './stop-reasons.ts';

export interface WorkerOptions {
  /** Tasks at the same time. */
  readonly concurrency?: number;
  /** Work for one run, or one task of it, only. */
  readonly only?: { readonly runId: number; readonly task?: string };
  /** Milliseconds between signs of life. */
  readonly heartbeatMs?: number;
  /** Milliseconds without one after which an attempt is given up as lost (several processes on a server only). */
  readonly leaseMs?: number;
  /** Milliseconds that a task gets to stop when told to. */
  readonly graceMs?: number;
  /** Told when an outcome could not be stored, for example because the disk is full; the task stays as it was. */
  readonly onUnstored?: (error: unknown) => void;
}

/** What a worker is doing now. */
export interface RunningTask {
  readonly runId: number;
  readonly task: string;
  readonly attempt: number;
  readonly progress: TaskProgress['report'] | undefined;
}

export interface Worker {
  running(): RunningTask[];
  /** Tells running tasks to stop, stores them as lost and queues them again for the next start; then resolves. */
  stop(): Promise<void>;
}

// One statement every 10 s is a tenth of a percent of a core on the embedded database, where only this process adds work
// and says so; on a server others do, and a second is soon enough.
const POLL_MS = { embedded: 10_000, server: 1_000 };

/** Runs due tasks until stopped. */
export function startWorker(
  engine: Engine,
  { concurrency = 2, only, heartbeatMs = 5_000, leaseMs = 20_000, graceMs = 10_000, onUnstored }: WorkerOptions = {},
): Worker {
  const name = `${hostname()}:${process.pid}`;
  const active = new Map<
    number,
    { claim: Claim; stop: AbortController; done: Promise<void>; progress?: TaskProgress }
  >();
  const timers = new Set<NodeJS.Timeout>();
  let stopping = false;

  const launch = (claim: Claim): void => {
    const stop = new AbortController();
    const done = runAttempt(engine, claim, stop.signal, graceMs)
      .then((ending) => {
        if (ending?.retryAt) lookAt(ending.retryAt);
      })
      .catch((error) => {
        // The lease runs out and another attempt follows.
        engine.log.error('an outcome could not be stored', { task: claim.task, attempt: claim.attempt, error });
        onUnstored?.(error);
      })
      .finally(() => {
        active.delete(claim.attemptId);
        engine.queue.wake();
      });
    active.set(claim.attemptId, { claim, stop, done });
  };

  const fill = oneAtATime(engine, async () => {
    while (!stopping && active.size < concurrency) {
      const claim = only ? await claimOwn(engine, name, only) : await claimNext(engine, name);
      if (!claim) return;
      launch(claim);
    }
  });

  const beat = oneAtATime(engine, async () => {
    const asked = [...active.keys()];
    const alive = new Map((await beatAttempts(engine.store.db, asked)).map((each) => [each.attemptId, each.cancelled]));
    for (const attemptId of asked) {
      const cancelled = alive.get(attemptId);
      if (cancelled === false) continue;
      active.get(attemptId)?.stop.abort(cancelled ? runCancelled() : attemptReplaced());
    }
    if (engine.store.kind === 'server' && !stopping) await loseSilentAttempts(engine, leaseMs);
  });

  const lookAt = (time: Date): void => {
    const wait = Math.max(0, time.getTime() - Date.now()) + 1;
    // The poll finds what is further off.
    if (stopping || wait > POLL_MS[engine.store.kind]) return;
    const timer = setTimeout(() => {
      timers.delete(timer);
      void fill();
    }, wait);
    timers.add(timer);
  };

  const onWake = (): void => {
    void fill();
    if (active.size > 0) void beat();
  };
  const unsubscribe = engine.queue.onWake(onWake);
  const unwatch = onProgress(engine, (progress) => {
    for (const each of active.values()) {
      const { run, task, attempt } = each.claim;
      if (run.runId === progress.runId && task === progress.task && attempt === progress.attempt)
        each.progress = progress;
    }
  });
  const heart = setInterval(beat, heartbeatMs);
  const poll = setInterval(fill, POLL_MS[engine.store.kind]);
  void fill();

  return {
    running: () =>
      [...active.values()].map(({ claim, progress }) => ({
        runId: claim.run.runId,
        task: claim.task,
        attempt: claim.attempt,
        progress: progress?.report,
      })),
    async stop() {
      stopping = true;
      clearInterval(poll);
      clearInterval(heart);
      for (const timer of timers) clearTimeout(timer);
      unsubscribe();
      unwatch();
      await fill();
      for (const { stop } of active.values()) stop.abort(serviceStopped());
      await Promise.all([...active.values()].map(({ done }) => done));
      await beat();
    },
  };
}

/** `work` never twice at once; asked meanwhile, it runs once more after. Resolves when it rests; failures are logged. */
function oneAtATime(engine: Engine, work: () => Promise<void>): () => Promise<void> {
  let resting: Promise<void> | undefined;
  let again = false;
  return () => {
    again = true;
    resting ??= (async () => {
      try {
        while (again) {
          again = false;
          await work();
        }
      } catch (error) {
        engine.log.warn('the worker could not reach its queue; it tries again', { error });
      } finally {
        resting = undefined;
      }
    })();
    return resting;
  };
}
