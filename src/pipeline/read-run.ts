import { ExpectedError } from '../base/errors.ts';
import { type Attempt, listAttempts } from '../store/attempts.ts';
import type { Store } from '../store/connect.ts';
import { findLatestRun, findRun, listTaskRuns, type Run, type TaskRun } from '../store/runs.ts';
import { listSchedules } from '../store/schedules.ts';
import { nextTick } from './cron.ts';
import type { Engine } from './engine.ts';

export interface TaskRunDetail extends TaskRun {
  /** Oldest first. */
  readonly attempts: readonly Attempt[];
}

export interface RunDetail extends Run {
  readonly taskRuns: readonly TaskRunDetail[];
}

/** A run by its number or key with its task runs and their attempts. Throws `run-unknown`. */
export async function readRun(db: Store['db'], which: number | string): Promise<RunDetail> {
  const run = await findRun(db, typeof which === 'number' ? { runId: which } : { runKey: which });
  if (!run) {
    throw new ExpectedError('run-unknown', `There is no run ${typeof which === 'number' ? which : `"${which}"`}.`, {
      why: 'No run has this number or key.',
      hint: 'List the runs with "segue runs".',
    });
  }
  const attempts = Map.groupBy(await listAttempts(db, run.runId), ({ taskRunId }) => taskRunId);
  const taskRuns = await listTaskRuns(db, run.runId);
  return { ...run, taskRuns: taskRuns.map((each) => ({ ...each, attempts: attempts.get(each.taskRunId) ?? [] })) };
}

export interface PipelineState {
  readonly pipeline: string;
  readonly summary: string;
  readonly latestRun: Run | undefined;
  /** Undefined when the pipeline only starts by hand. */
  readonly schedule: { readonly cron: string; readonly timeZone: string; readonly paused: boolean } | undefined;
  /** Undefined when paused or without schedule. */
  readonly nextRunAt: Date | undefined;
}

/** Every pipeline with its last run and its next one, for a status screen. */
export async function readPipelineStates(engine: Engine): Promise<PipelineState[]> {
  const schedules = new Map((await listSchedules(engine.store.db)).map((each) => [each.pipeline, each]));
  const states: PipelineState[] = [];
  for (const { name, summary } of engine.pipelines.values()) {
    const schedule = schedules.get(name);
    states.push({
      pipeline: name,
      summary,
      latestRun: await findLatestRun(engine.store.db, name),
      schedule,
      nextRunAt: schedule && !schedule.paused ? nextTick(schedule, engine.clock.now()) : undefined,
    });
  }
  return states;
}
