import { Worker } from 'node:worker_threads';
import { ExpectedError } from '../base/errors.ts';
import { noProgress, type Progress } from '../base/progress.ts';
import type { TrainingResult } from './reference-trainer.ts';
import type { TrainingSettings } from './settings.ts';
import { buildVocabulary, type TokenSequences, type Vocabulary } from './vocabulary.ts';

export type MessageFromTrainer =
  | { readonly kind: 'tokens'; readonly done: number }
  | { readonly kind: 'epoch'; readonly epoch: number; readonly loss: number }
  | { readonly kind: 'result'; readonly result: TrainingResult };

export interface TrainingWatch {
  readonly signal?: AbortSignal;
  /** Tokens read of tokens x epochs, a few times a second. */
  readonly progress?: Progress;
  readonly onEpoch?: (epoch: number, loss: number) => void;
}

export interface Trained extends TrainingResult {
  readonly vocabulary: Vocabulary;
}

/**
 * Trains in a worker thread, so that the event loop stays free. The corpus is shared where its arrays lie in shared
 * memory, else copied. Throws the signal's reason, within a sentence of its abort; ExpectedError `corpus-too-small`
 * where no sentence holds two tracks that occur `minCount` times.
 */
export async function train(
  corpus: TokenSequences,
  settings: TrainingSettings,
  watch: TrainingWatch = {},
): Promise<Trained> {
  const { signal, progress = noProgress } = watch;
  signal?.throwIfAborted();
  const vocabulary = buildVocabulary(corpus, settings.minCount);
  if (vocabulary.tokens.length < 2) {
    throw new ExpectedError('corpus-too-small', 'There is too little to learn song vectors from.', {
      why: `The corpus has ${vocabulary.tokens.length} tracks that occur at least ${settings.minCount} times.`,
      hint: 'Import playlists first (segue import-playlists), or train with a lower minCount.',
    });
  }
  const total = vocabulary.total * settings.epochs;
  const stop = new Int32Array(new SharedArrayBuffer(4));
  const worker = new Worker(new URL('./training-worker.ts', import.meta.url), {
    workerData: { corpus, vocabulary, settings, stop },
  });
  const onAbort = () => Atomics.store(stop, 0, 1);
  signal?.addEventListener('abort', onAbort);
  try {
    const result = await new Promise<TrainingResult>((resolve, reject) => {
      worker.on('error', reject);
      worker.on('exit', (code) => reject(new Error(`The training thread ended with code ${code} and no result.`)));
      worker.on('message', (message: MessageFromTrainer) => {
        if (message.kind === 'tokens') progress({ label: 'train', done: message.done, total, unit: 'tokens' });
        else if (message.kind === 'epoch') watch.onEpoch?.(message.epoch, message.loss);
        else resolve(message.result);
      });
    });
    if (!result.finished) signal?.throwIfAborted();
    progress({ label: 'train', done: result.tokens, total, unit: 'tokens' });
    return { ...result, vocabulary };
  } finally {
    signal?.removeEventListener('abort', onAbort);
    await worker.terminate();
  }
}
