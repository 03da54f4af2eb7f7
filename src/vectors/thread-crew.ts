import { parentPort, Worker } from 'node:worker_threads';

/** Worker threads that take orders together, mostly over memory that they share. Idle ones do not keep the process alive. */
export interface ThreadCrew<Order, Answer> {
  /** Gives every thread an order of its own and waits for all; throws what a thread throws, and where one ends. One run at a time. */
  run(orderOf: (thread: number) => Order): Promise<Answer[]>;
  close(): Promise<void>;
}

/** `module` calls `takeOrders`; each thread finds `dataOf` its number as workerData. */
export function startThreadCrew<Order, Answer>(
  module: URL,
  threads: number,
  dataOf: (thread: number) => unknown,
): ThreadCrew<Order, Answer> {
  const workers = Array.from({ length: threads }, (_, thread) => {
    const worker = new Worker(module, { workerData: dataOf(thread) });
    worker.unref();
    return worker;
  });
  return {
    run: (orderOf) => Promise.all(workers.map((worker, thread) => ask<Order, Answer>(worker, orderOf(thread)))),
    async close() {
      await Promise.all(workers.map((worker) => worker.terminate()));
    },
  };
}

/** A thread's own side. */
export function takeOrders<Order, Answer>(answer: (order: Order) => Answer): void {
  const port = parentPort!;
  port.on('message', (order: Order) => port.postMessage(answer(order)));
}

async function ask<Order, Answer>(worker: Worker, order: Order): Promise<Answer> {
  worker.ref();
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const onExit = (code: number) => reject(new Error(`A thread ended with code ${code}.`));
  worker.once('message', resolve).once('error', reject).once('exit', onExit);
  try {
    worker.postMessage(order);
    return await promise;
  } finally {
    worker.off('message', resolve).off('error', reject).off('exit', onExit);
    worker.unref();
  }
}
