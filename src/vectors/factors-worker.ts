import { workerData } from 'node:worker_threads';
import { type FactorsPlan, factorsThread } from './factors-plan.ts';
import { takeOrders } from './thread-crew.ts';

// One thread of factors.ts.

const { plan, thread } = workerData as { readonly plan: FactorsPlan; readonly thread: number };
takeOrders(factorsThread(plan, thread));
