import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { failureReceived, type ThreadFailure } from './thread-failure.ts';
import { type CorpusContents, type WrittenColumns, writeColumns } from './write-columns.ts';

export type MessageFromWriter =
  | { readonly written: WrittenColumns; readonly failure?: undefined }
  | { readonly failure: ThreadFailure };

/** Up to here the event loop is held for less than 50 ms, about what it takes to start a thread. */
const SMALL = { tracks: 30_000, tokens: 1_000_000 };

/**
 * Writes the columns (write-columns.ts) without holding the event loop: a large corpus in a thread of its own, to which
 * the contents go for good. Throws what a disk answers, or ExpectedError for it.
 */
export async function writeCorpus(folder: string, contents: CorpusContents): Promise<WrittenColumns> {
  const tokens = contents.ends.at(-1) ?? 0;
  if (contents.vocabulary.size <= SMALL.tracks && tokens <= SMALL.tokens) return writeColumns(folder, contents);
  const { vocabulary, redirects, ends, groups, days, names } = contents;
  // The ids lie in shared memory.
  const arrays = [vocabulary.counts, vocabulary.texts, vocabulary.text];
  const worker = new Worker(new URL('./write-corpus-worker.ts', import.meta.url), {
    workerData: { folder, contents },
    transferList: [...arrays, redirects, ends, groups, days, names.ends, names.bytes].map(
      ({ buffer }) => buffer as ArrayBuffer,
    ),
  });
  try {
    const [message] = (await once(worker, 'message')) as [MessageFromWriter];
    if (message.failure) throw failureReceived(message.failure);
    return message.written;
  } finally {
    await worker.terminate();
  }
}
