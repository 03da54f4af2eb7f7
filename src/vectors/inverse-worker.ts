import { workerData } from 'node:worker_threads';
import { type InversePlan, sweepBlocks } from './inverse-sweeps.ts';
import { takeOrders } from './thread-crew.ts';

// One thread of inverse.ts: sweeps its share together with the others.

const { plan, thread } = workerData as { readonly plan: InversePlan; readonly thread: number };
takeOrders(() => sweepBlocks(plan, thread));
