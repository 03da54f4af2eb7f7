import type { Clock } from '../../src/base/clock.ts';
import { silentLog } from '../../src/base/log.ts';
import { seededRandom } from '../../src/base/random.ts';
import type { Json, Pipeline, PipelineNode, Task, TaskContext, TaskOutput } from '../../src/base/task.ts';
import { type Engine, onTaskChange, type TaskChange } from '../../src/pipeline/engine.ts';
import { openEngine } from '../../src/pipeline/open-engine.ts';
import type { Store } from '../../src/store/connect.ts';

type Body = (input: Json, context: TaskContext) => Promise<TaskOutput>;

export function makeTask(name: string, run: Body = async () => ({}), more: Partial<Task> = {}): Task {
  return { name, summary: `does ${name}`, timeoutMs: 60_000, maxAttempts: 3, run, ...more };
}

/** A pipeline written as `{task: [tasks before it]}`; a name ending in "?" may fail. */
export function makePipeline(nodes: { [task: string]: string[] }, more: Partial<Pipeline> = {}): Pipeline {
  const list = Object.entries(nodes).map(
    ([task, after]): PipelineNode => ({
      task: task.replace('?', ''),
      after,
      ...(task.endsWith('?') ? { optional: true } : {}),
    }),
  );
  return { name: 'demo', summary: 'a pipeline', nodes: list, ...more };
}

/** An engine whose retries wait a few milliseconds; `await using` closes it. */
export async function openTestEngine(
  store: Store,
  tasks: readonly Task[],
  pipelines: readonly Pipeline[],
  more: { clock?: Clock } = {},
): Promise<Engine & AsyncDisposable> {
  const engine = await openEngine({
    store,
    tasks,
    pipelines,
    log: silentLog,
    random: seededRandom(7),
    codeVersion: 'test',
    backOff: { firstDelayMs: 4, maxDelayMs: 20 },
    ...more,
  });
  return { ...engine, [Symbol.asyncDispose]: () => engine.close() };
}

/** Resolves with the first change that `wanted` recognises. */
export function untilChange(engine: Engine, wanted: (change: TaskChange) => boolean): Promise<TaskChange> {
  const { promise, resolve } = Promise.withResolvers<TaskChange>();
  const stop = onTaskChange(engine, (change) => {
    if (!wanted(change)) return;
    stop();
    resolve(change);
  });
  return promise;
}

/** A task body that does nothing until it is told to stop. */
export const untilStopped: Body = async (_input, { signal }) => {
  const { promise, reject } = Promise.withResolvers<never>();
  signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  return await promise;
};

/** Leaves a store that several tests share as if nothing had ever run. */
export async function forgetRuns(store: Store): Promise<void> {
  await store.exec('truncate run, schedule restart identity cascade; delete from segue_jobs.job');
}
