import { isExpected } from '../base/errors.ts';
import type { Engine } from '../pipeline/engine.ts';
import { cancelRun } from '../pipeline/runs.ts';
import type { CommandContext } from './command.ts';

/**
 * Ctrl-C on a command that runs inside the service cancels its run, because the service's own worker would go on with what
 * stays queued. When the service itself stops, the run stays and is taken up at the next start. The answer ends the watch.
 */
export function cancelWhenServed(
  engine: Engine,
  { served, terminal: { signal } }: CommandContext,
  runId: () => number | undefined,
): () => void {
  const cancel = (): void => {
    const run = runId();
    if (run === undefined || isExpected(signal.reason)) return;
    cancelRun(engine, run).catch((error) => engine.log.warn('a run could not be cancelled', { run, error }));
  };
  if (served) signal.addEventListener('abort', cancel, { once: true });
  return () => signal.removeEventListener('abort', cancel);
}
