import { parentPort, workerData } from 'node:worker_threads';
import { type SearchWork, startSearchKernel } from './search-kernel.ts';
import type { SearchArea } from './search-memory.ts';

// The far side of search-pool.ts: takes shares of each pass until none is left.

const { area, thread } = workerData as { readonly area: SearchArea; readonly thread: number };
const port = parentPort!;
const kernel = startSearchKernel(area, thread);

port.on('message', (work: SearchWork) => {
  kernel.begin(work);
  while (kernel.takeShare(work));
  port.postMessage(null);
});
