import type { TrainingShare } from './kernel-trainer.ts';
import { startThreadCrew } from './thread-crew.ts';
import type { TrainingPlan } from './training-plan.ts';
import type { TrainingOrder, TrainingThread } from './training-worker.ts';

/** The threads of one training, all on one plan. Whoever starts them must `close` them. */
export interface TrainingThreads {
  /** Gives every thread an order of its own and waits for all; throws what a thread throws. */
  run(orderOf: (thread: number) => TrainingOrder): Promise<TrainingShare>;
  close(): Promise<void>;
}

export function startTrainingThreads(plan: TrainingPlan, threads: number): TrainingThreads {
  const crew = startThreadCrew<TrainingOrder, TrainingShare>(
    new URL('./training-worker.ts', import.meta.url),
    threads,
    (thread): TrainingThread => ({ plan, thread }),
  );
  return {
    async run(orderOf) {
      const shares = await crew.run(orderOf);
      return shares.reduce((sum, share) => ({
        loss: sum.loss + share.loss,
        predictions: sum.predictions + share.predictions,
      }));
    },
    close: crew.close,
  };
}
