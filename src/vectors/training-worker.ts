import { parentPort, workerData } from 'node:worker_threads';
import { kernelTrainer, type TrainingShare } from './kernel-trainer.ts';
import type { TrainingPlan } from './training-plan.ts';

// One training thread: train.ts tells it which rows to fill or which epoch to train, and it answers when that is done.

export interface TrainingThread {
  readonly plan: TrainingPlan;
  readonly thread: number;
}

export type TrainingOrder = { readonly initialise: readonly [from: number, to: number] } | { readonly epoch: number };

const { plan, thread } = workerData as TrainingThread;
const trainer = kernelTrainer(plan, thread);
const port = parentPort!;
port.on('message', (order: TrainingOrder) => {
  let share: TrainingShare = { loss: 0, predictions: 0 };
  if ('epoch' in order) share = trainer.trainEpoch(order.epoch);
  else trainer.initialise(...order.initialise);
  port.postMessage(share);
});
