import { Worker } from 'node:worker_threads';
import type { SearchWork } from './search-kernel.ts';
import type { SearchArea } from './search-memory.ts';

/** Threads that search one matrix together. */
export interface SearchPool {
  /** Resolves when all threads found no share left. One pass at a time. */
  pass(work: SearchWork): Promise<void>;
  close(): Promise<void>;
}

/** Idle threads do not keep the process alive. */
export function startSearchPool(area: SearchArea, threads: number): SearchPool {
  const workers = Array.from({ length: threads }, (_, thread) => {
    const worker = new Worker(new URL('./search-worker.ts', import.meta.url), { workerData: { area, thread } });
    worker.unref();
    return worker;
  });
  return {
    async pass(work) {
      await Promise.all(workers.map((worker) => askWorker(worker, work)));
    },
    async close() {
      await Promise.all(workers.map((worker) => worker.terminate()));
    },
  };
}

async function askWorker(worker: Worker, work: SearchWork): Promise<void> {
  worker.ref();
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const onExit = (code: number) => reject(new Error(`A search thread ended with code ${code}.`));
  worker.once('message', resolve).once('error', reject).once('exit', onExit);
  try {
    worker.postMessage(work);
    await promise;
  } finally {
    worker.off('message', resolve).off('error', reject).off('exit', onExit);
    worker.unref();
  }
}
