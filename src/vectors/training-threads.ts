import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { TrainingShare } from './kernel-trainer.ts';
import type { TrainingPlan } from './training-plan.ts';
import type { TrainingOrder, TrainingThread } from './training-worker.ts';

/** The threads of one training, all on one plan. Whoever starts them must `close` them. */
export interface TrainingThreads {
  /** Gives every thread an order of its own and waits for all; throws what a thread throws. */
  run(orderOf: (thread: number) => TrainingOrder): Promise<TrainingShare>;
  close(): Promise<void>;
}

export function startTrainingThreads(plan: TrainingPlan, threads: number): TrainingThreads {
  const workers = Array.from({ length: threads }, (_, thread) => {
    const workerData: TrainingThread = { plan, thread };
    return new Worker(new URL('./training-worker.ts', import.meta.url), { workerData });
  });
  return {
    async run(orderOf) {
      const shares = await Promise.all(workers.map((worker, thread) => ask(worker, orderOf(thread))));
      return shares.reduce((sum, share) => ({
        loss: sum.loss + share.loss,
        predictions: sum.predictions + share.predictions,
      }));
    },
    async close() {
      await Promise.all(workers.map((worker) => worker.terminate()));
    },
  };
}

/** `once` rejects on an error of the thread; a thread that ends without one would leave it waiting. */
async function ask(worker: Worker, order: TrainingOrder): Promise<TrainingShare> {
  const gone = new AbortController();
  const onExit = (code: number) => gone.abort(new Error(`A training thread ended with code ${code}.`));
  worker.once('exit', onExit);
  try {
    const answer = once(worker, 'message', { signal: gone.signal });
    worker.postMessage(order);
    const [share] = (await answer) as [TrainingShare];
    return share;
  } catch (error) {
    throw gone.signal.aborted ? gone.signal.reason : error;
  } finally {
    worker.off('exit', onExit);
  }
}
