import { type Engine, onProgress, onTaskChange } from '../pipeline/engine.ts';
import type { ProgressOf } from './run-views.ts';

/** Remembers the last report of every task that runs in this process; `stop` ends it. */
export function watchProgress(engine: Engine): { progressOf: ProgressOf; stop(): void } {
  const reports = new Map<string, ReturnType<ProgressOf>>();
  const key = (runId: number, task: string) => `${runId} ${task}`;
  const stops = [
    onProgress(engine, ({ runId, task, report }) => void reports.set(key(runId, task), report)),
    onTaskChange(engine, ({ runId, task }) => void reports.delete(key(runId, task))),
  ];
  return {
    progressOf: (runId, task) => reports.get(key(runId, task)),
    stop() {
      for (const stop of stops) stop();
    },
  };
}
