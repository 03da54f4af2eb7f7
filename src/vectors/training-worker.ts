import { parentPort, workerData } from 'node:worker_threads';
import { trainReference } from './reference-trainer.ts';
import type { TrainingSettings } from './settings.ts';
import type { MessageFromTrainer } from './train.ts';
import type { TokenSequences, Vocabulary } from './vocabulary.ts';

// The far side of train.ts: trains in this thread and reports.

interface Order {
  readonly corpus: TokenSequences;
  readonly vocabulary: Vocabulary;
  readonly settings: TrainingSettings;
  /** One int32, shared: not 0 means stop. */
  readonly stop: Int32Array;
}

const { corpus, vocabulary, settings, stop } = workerData as Order;
const port = parentPort!;
const send = (message: MessageFromTrainer, transfer: ArrayBuffer[] = []) => port.postMessage(message, transfer);

const REPORT_EVERY_MS = 200;
let reportedAt = 0;
const result = trainReference(corpus, vocabulary, settings, {
  shouldStop: () => Atomics.load(stop, 0) !== 0,
  onTokens: (done) => {
    const now = performance.now();
    if (now - reportedAt < REPORT_EVERY_MS) return;
    reportedAt = now;
    send({ kind: 'tokens', done });
  },
  onEpoch: (epoch, loss) => send({ kind: 'epoch', epoch, loss }),
});
send({ kind: 'result', result }, [result.model.input.buffer as ArrayBuffer, result.model.output.buffer as ArrayBuffer]);
