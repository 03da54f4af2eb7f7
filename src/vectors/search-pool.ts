import type { SearchWork } from './search-kernel.ts';
import type { SearchArea } from './search-memory.ts';
import { startThreadCrew } from './thread-crew.ts';

/** Threads that search one matrix together. */
export interface SearchPool {
  /** Resolves when all threads found no share left. One pass at a time. */
  pass(work: SearchWork): Promise<void>;
  close(): Promise<void>;
}

export function startSearchPool(area: SearchArea, threads: number): SearchPool {
  const crew = startThreadCrew<SearchWork, null>(new URL('./search-worker.ts', import.meta.url), threads, (thread) => ({
    area,
    thread,
  }));
  return {
    async pass(work) {
      await crew.run(() => work);
    },
    close: crew.close,
  };
}
