import { setImmediate } from 'node:timers/promises';

// A page that asks the service something waits at most about this long for a reader.
const WORK_MS = 20;

/**
 * A function to be called often by long work: it lets the event loop have a turn when 20 ms have passed since the last,
 * and throws the signal's reason when the work was stopped.
 */
export function turnTaker(signal: AbortSignal): () => Promise<void> {
  let last = performance.now();
  return async () => {
    if (performance.now() - last < WORK_MS) return;
    await setImmediate();
    signal.throwIfAborted();
    last = performance.now();
  };
}
