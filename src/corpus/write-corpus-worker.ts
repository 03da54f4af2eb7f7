import { parentPort, workerData } from 'node:worker_threads';
import { asWriteFailure } from '../base/write-failure.ts';
import { failureToSend } from './thread-failure.ts';
import { type CorpusContents, writeColumns } from './write-columns.ts';
import type { MessageFromWriter } from './write-corpus.ts';

// The far side of write-corpus.ts.

const { folder, contents } = workerData as { folder: string; contents: CorpusContents };
let message: MessageFromWriter;
try {
  message = { written: writeColumns(folder, contents) };
} catch (error) {
  message = { failure: failureToSend(asWriteFailure(error, 'corpus-not-writable', folder)) };
}
parentPort!.postMessage(message);
