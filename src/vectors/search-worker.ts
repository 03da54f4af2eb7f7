import { parentPort, workerData } from 'node:worker_threads';
import { type SearchWork, startSearchKernel } from './search-kernel.ts';
import type { VectorMemory } from './search-memory.ts';

// The far side of search-pool.ts: takes shares of each pass until none is left.

const { vectors, thread } = workerData as { readonly vectors: VectorMemory; readonly thread: number };
const port = parentPort!;
const kernel = startSearchKernel(vectors, thread);

port.on('message', (work: SearchWork) => {
  kernel.begin(work);
  while (kernel.takeShare(work));
  port.postMessage(null);
});
