import { EventEmitter } from 'node:events';
import { type Clock, systemClock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { Random } from '../base/random.ts';
import type { BackOff } from '../base/retry.ts';
import type { Pipeline, Task } from '../base/task.ts';
import type { Store } from '../store/connect.ts';
import type { Engine } from './engine.ts';
import { orderNodes } from './graph.ts';
import { loseSilentAttempts } from './lost-attempts.ts';
import { defaultBackOff } from './retry.ts';
import { openTaskQueue } from './task-queue.ts';

export interface EngineOptions {
  readonly store: Store;
  // A pipeline does not know its tasks' inputs; each task checks its own.
  // biome-ignore lint/suspicious/noExplicitAny: any task, whatever it takes
  readonly tasks: readonly Task<any>[];
  readonly pipelines: readonly Pipeline[];
  readonly log: Log;
  readonly clock?: Clock;
  readonly random?: Random;
  /** Stored with each run, so that one can tell which code made what. */
  readonly codeVersion?: string;
  readonly backOff?: BackOff;
}

/** Opens the engine over a migrated store. Throws `pipeline-invalid`. Whoever opens it closes it, before the store. */
export async function openEngine(options: EngineOptions): Promise<Engine> {
  const tasks = new Map(options.tasks.map((task) => [task.name, task as Task]));
  const pipelines = options.pipelines.map(
    (pipeline) => [pipeline.name, { ...pipeline, nodes: orderNodes(pipeline, tasks.keys()) }] as const,
  );
  const queue = await openTaskQueue(options.store, options.log);
  const events: Engine['events'] = new EventEmitter();
  events.setMaxListeners(0);
  const engine: Engine = {
    store: options.store,
    queue,
    log: options.log,
    clock: options.clock ?? systemClock,
    random: options.random ?? Math.random,
    codeVersion: options.codeVersion,
    backOff: options.backOff ?? defaultBackOff,
    tasks,
    pipelines: new Map(pipelines),
    events,
    ownRuns: new Set(),
    async close() {
      events.removeAllListeners();
      await queue.close();
    },
  };
  // The directory lock lets one process in, so whatever still reads as running died with the one before.
  if (options.store.kind === 'embedded') await loseSilentAttempts(engine, 0);
  return engine;
}
