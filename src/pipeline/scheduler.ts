import { ExpectedError } from '../base/errors.ts';
import { findUnfinishedRun } from '../store/runs.ts';
import {
  addSchedule,
  changeSchedule,
  listSchedules,
  lockSchedule,
  markTick,
  setSchedulePaused,
} from '../store/schedules.ts';
import { checkCron, latestTick, nextTick } from './cron.ts';
import { type Engine, findPipeline } from './engine.ts';
import { startRunIn } from './runs.ts';
import { transact } from './transact.ts';

export interface Scheduler {
  stop(): Promise<void>;
}

// Looked at this often at least, because the computer may sleep and the owner may change a schedule.
const LONGEST_SLEEP_MS = 30_000;

/**
 * Gives every pipeline that has a cron expression a schedule, the owner's where there is one, and starts their runs as they
 * come due until stopped. `timeZone`: IANA name for new schedules.
 */
export async function startScheduler(engine: Engine, timeZone: string): Promise<Scheduler> {
  for (const { name, cron } of engine.pipelines.values()) {
    if (cron === undefined) continue;
    checkCron({ cron, timeZone });
    await addSchedule(engine.store.db, { pipeline: name, cron, timeZone, since: engine.clock.now() });
  }
  const ended = new AbortController();
  const loop = (async () => {
    while (!ended.signal.aborted) {
      try {
        await startDueRuns(engine);
        await engine.clock.sleep(await sleepUntilTick(engine), ended.signal);
      } catch (error) {
        if (ended.signal.aborted) return;
        engine.log.warn('the schedules could not be looked at; they are looked at again', { error });
        await engine.clock.sleep(LONGEST_SLEEP_MS, ended.signal).catch(() => {});
      }
    }
  })();
  return {
    async stop() {
      ended.abort();
      await loop;
    },
  };
}

/**
 * Starts a run for the newest tick of each schedule that is not dealt with yet; ticks missed before it are passed over. While
 * a run of the pipeline is still going, its ticks wait. Two services on one server start one run: they take turns at the
 * schedule's row, and the run's key is pipeline and tick. Returns the keys of the runs this call started.
 */
export async function startDueRuns(engine: Engine): Promise<string[]> {
  const now = engine.clock.now();
  const started: string[] = [];
  for (const seen of await listSchedules(engine.store.db)) {
    if (!engine.pipelines.has(seen.pipeline) || seen.paused || !latestTick(seen, seen.lastTickAt, now)) continue;
    const runKey = await transact(engine, async (transaction) => {
      const schedule = await lockSchedule(transaction, seen.pipeline);
      if (!schedule || schedule.paused) return undefined;
      const tick = latestTick(schedule, schedule.lastTickAt, now);
      if (!tick || (await findUnfinishedRun(transaction, schedule.pipeline))) return undefined;
      const key = `${schedule.pipeline}:${tick.toISOString()}`;
      const request = { trigger: 'schedule', runKey: key, scheduledFor: tick } as const;
      const { created } = await startRunIn(engine, transaction, schedule.pipeline, request);
      await markTick(transaction, schedule.pipeline, tick);
      return created ? key : undefined;
    });
    if (runKey !== undefined) started.push(runKey);
  }
  if (started.length > 0) engine.queue.wake();
  return started;
}

async function sleepUntilTick(engine: Engine): Promise<number> {
  const now = engine.clock.now();
  const ticks = (await listSchedules(engine.store.db))
    .filter(({ pipeline, paused }) => !paused && engine.pipelines.has(pipeline))
    .flatMap((schedule) => nextTick(schedule, now) ?? []);
  const next = Math.min(...ticks.map((tick) => tick.getTime() - now.getTime()), LONGEST_SLEEP_MS);
  return Math.max(next, 1);
}

/** Ticks from now on start no runs. Throws `schedule-unknown`. */
export async function pauseSchedule(engine: Engine, pipeline: string): Promise<void> {
  await setPaused(engine, pipeline, true);
}

/** Starts counting again from now; what the pause missed is not made up. Throws `schedule-unknown`. */
export async function resumeSchedule(engine: Engine, pipeline: string): Promise<void> {
  await setPaused(engine, pipeline, false);
}

/** Changes (or adds) a pipeline's schedule from now on. Throws `pipeline-unknown` and `schedule-invalid`. */
export async function setSchedule(engine: Engine, pipeline: string, cron: string, timeZone: string): Promise<void> {
  findPipeline(engine, pipeline);
  checkCron({ cron, timeZone });
  await changeSchedule(engine.store.db, { pipeline, cron, timeZone, since: engine.clock.now() });
}

async function setPaused(engine: Engine, pipeline: string, paused: boolean): Promise<void> {
  if (await setSchedulePaused(engine.store.db, pipeline, paused, engine.clock.now())) return;
  throw new ExpectedError('schedule-unknown', `The pipeline "${pipeline}" has no schedule.`, {
    why: 'It only starts by hand.',
    hint: 'See what has one with "segue runs".',
  });
}
