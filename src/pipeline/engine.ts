import type { EventEmitter } from 'node:events';
import type { Clock } from '../base/clock.ts';
import { ExpectedError } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import type { ProgressReport } from '../base/progress.ts';
import type { Random } from '../base/random.ts';
import type { BackOff } from '../base/retry.ts';
import type { Pipeline, Task } from '../base/task.ts';
import type { Store } from '../store/connect.ts';
import type { TaskStatus } from './graph.ts';
import type { TaskQueue } from './task-queue.ts';

/** A task run changed its status; `attempt` is there when an attempt began or ended. */
export interface TaskChange {
  readonly runId: number;
  readonly task: string;
  readonly status: TaskStatus;
  readonly attempt?: number;
}

/** What a running attempt reports about its long work. */
export interface TaskProgress {
  readonly runId: number;
  readonly task: string;
  readonly attempt: number;
  readonly report: ProgressReport;
}

/** Everything that starting, running and watching runs needs. One per process; events tell of this process's work only. */
export interface Engine {
  readonly store: Store;
  readonly queue: TaskQueue;
  readonly log: Log;
  readonly clock: Clock;
  readonly random: Random;
  readonly codeVersion: string | undefined;
  /** Between attempts of one task run. */
  readonly backOff: BackOff;
  readonly tasks: ReadonlyMap<string, Task>;
  readonly pipelines: ReadonlyMap<string, Pipeline>;
  readonly events: EventEmitter<{ change: [TaskChange]; progress: [TaskProgress] }>;
  /** Runs whose tasks this process has to itself at first; see HOLD_S in runs.ts. */
  readonly ownRuns: Set<number>;
  close(): Promise<void>;
}

/** Tells of every change of a task run by this process; the answer ends it. */
export function onTaskChange(engine: Engine, listener: (change: TaskChange) => void): () => void {
  engine.events.on('change', listener);
  return () => void engine.events.off('change', listener);
}

/** Tells of the progress of this process's attempts; the answer ends it. */
export function onProgress(engine: Engine, listener: (progress: TaskProgress) => void): () => void {
  engine.events.on('progress', listener);
  return () => void engine.events.off('progress', listener);
}

export function findTask(engine: Engine, name: string): Task {
  const task = engine.tasks.get(name);
  if (task) return task;
  throw new ExpectedError('task-unknown', `There is no task "${name}".`, {
    why: `The tasks are ${[...engine.tasks.keys()].join(', ')}.`,
    hint: 'Check the spelling.',
  });
}

export function findPipeline(engine: Engine, name: string): Pipeline {
  const pipeline = engine.pipelines.get(name);
  if (pipeline) return pipeline;
  throw new ExpectedError('pipeline-unknown', `There is no pipeline "${name}".`, {
    why: `The pipelines are ${[...engine.pipelines.keys()].join(', ')}.`,
    hint: 'Check the spelling.',
  });
}
