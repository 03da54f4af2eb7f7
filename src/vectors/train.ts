import { ExpectedError } from '../base/errors.ts';
import { noProgress, type Progress } from '../base/progress.ts';
import type { Model } from './model.ts';
import type { TrainingSettings } from './settings.ts';
import { orderSentences } from './training-order.ts';
import { modelOf, NEXT_BATCH, planTraining, STOP, TOKENS_DONE, type TrainingPlan } from './training-plan.ts';
import { startTrainingThreads, type TrainingThreads } from './training-threads.ts';
import { buildVocabulary, type TokenSequences, type Vocabulary } from './vocabulary.ts';

const PROGRESS_EVERY_MS = 200;

/** How far a training is: enough, with its two matrices, to go on as if it had never stopped. */
export interface TrainingPosition {
  /** Epochs that are finished. */
  readonly epoch: number;
  /** Batches of the next one that are. */
  readonly batch: number;
  /** Tokens of the next one that are. */
  readonly tokens: number;
  /** Mean loss per prediction of each finished epoch. */
  readonly losses: readonly number[];
  /** Loss and predictions of the epoch begun. */
  readonly loss: number;
  readonly predictions: number;
}

/** A training that stands still: the model so far, not a copy, and where to go on. */
export interface UnfinishedTraining {
  readonly model: Model;
  readonly vocabulary: Vocabulary;
  readonly position: TrainingPosition;
}

/** Vectors to start from. `rowOf`: row in them for each row of the new vocabulary (n), -1 for a new track, which starts by chance. */
export interface KnownVectors {
  readonly model: Pick<Model, 'dimensions' | 'input' | 'output'>;
  readonly rowOf: Int32Array;
}

export interface TrainingOptions {
  readonly signal?: AbortSignal;
  /** Tokens read of tokens x epochs, a few times a second. */
  readonly progress?: Progress;
  readonly onEpoch?: (epoch: number, loss: number) => void;
  /** 1 by default. With one thread the same corpus and settings give the same model bit for bit; several threads move the same rows at the same time, and no two runs are equal. */
  readonly threads?: number;
  /** Vectors known before: old tracks go on from them, new ones are added. */
  readonly known?: KnownVectors;
  /** Goes on where `save` was called: the model then, with the same corpus and settings. */
  readonly resume?: TrainingPosition;
  /** Called while training stands still: between epochs when `everyMs` have passed since the last time, and when it is aborted. */
  readonly save?: (unfinished: UnfinishedTraining) => Promise<void>;
  readonly saveEveryMs?: number;
}

export interface Trained {
  readonly model: Model;
  readonly vocabulary: Vocabulary;
  /** Mean loss per prediction (one target with its negatives) of each epoch. */
  readonly losses: readonly number[];
  /** Tokens read, over all epochs. */
  readonly tokens: number;
  readonly threads: number;
}

/**
 * Trains in worker threads with the kernel, so that the event loop stays free. The corpus is shared where its arrays lie
 * in shared memory, else copied once. Throws the signal's reason, within a batch of sentences of its abort; ExpectedError
 * `corpus-too-small` where no two tracks occur `minCount` times, and what `planTraining` throws.
 */
export async function train(
  corpus: TokenSequences,
  settings: TrainingSettings,
  options: TrainingOptions = {},
): Promise<Trained> {
  const { signal, threads = 1, progress = noProgress } = options;
  signal?.throwIfAborted();
  const vocabulary = buildVocabulary(corpus, settings.minCount);
  if (vocabulary.tokens.length < 2) {
    throw new ExpectedError('corpus-too-small', 'There is too little to learn song vectors from.', {
      why: `The corpus has ${vocabulary.tokens.length} tracks that occur at least ${settings.minCount} times.`,
      hint: 'Import playlists first (segue import-playlists), or train with a lower minCount.',
    });
  }
  const plan = planTraining(corpus, vocabulary, settings, threads);
  const workers = startTrainingThreads(plan, threads);
  const onAbort = () => Atomics.store(plan.control, STOP, 1);
  signal?.addEventListener('abort', onAbort);
  try {
    if (options.known === undefined || options.known.rowOf.includes(-1)) await initialise(plan, workers, threads);
    if (options.known !== undefined) takeOver(plan, options.known);
    return { ...(await trainEpochs(plan, vocabulary, workers, options, progress)), vocabulary, threads };
  } finally {
    signal?.removeEventListener('abort', onAbort);
    await workers.close();
  }
}

async function initialise(plan: TrainingPlan, workers: TrainingThreads, threads: number): Promise<void> {
  const share = Math.ceil(plan.rows / threads);
  await workers.run((thread) => ({
    initialise: [Math.min(plan.rows, thread * share), Math.min(plan.rows, (thread + 1) * share)],
  }));
}

function takeOver(plan: TrainingPlan, { model, rowOf }: KnownVectors): void {
  const { dimensions } = plan.settings;
  if (model.dimensions !== dimensions) {
    throw new RangeError(`Vectors of ${model.dimensions} dimensions cannot go on with ${dimensions}.`);
  }
  for (const matrix of ['input', 'output'] as const) {
    const values = new Float32Array(plan.kernel.memory.buffer, plan.kernel.at[matrix], plan.rows * plan.stride);
    for (const [row, known] of rowOf.entries()) {
      if (known < 0) continue;
      values.set(model[matrix].subarray(known * dimensions, (known + 1) * dimensions), row * plan.stride);
    }
  }
}

async function trainEpochs(
  plan: TrainingPlan,
  vocabulary: Vocabulary,
  workers: TrainingThreads,
  { signal, resume, onEpoch, save, saveEveryMs = Number.POSITIVE_INFINITY }: TrainingOptions,
  progress: Progress,
): Promise<Pick<Trained, 'model' | 'losses' | 'tokens'>> {
  const { settings, control, tokensPerEpoch } = plan;
  const losses = [...(resume?.losses ?? [])];
  const total = tokensPerEpoch * settings.epochs;
  let savedAt = performance.now();
  const report = () => {
    const done = losses.length * tokensPerEpoch + (Atomics.load(control, TOKENS_DONE) >>> 0);
    progress({ label: 'train', done: Math.min(done, total), total, unit: 'tokens' });
  };
  // Over all epochs: those of a small corpus are shorter than the time between two reports.
  const timer = setInterval(report, PROGRESS_EVERY_MS);
  try {
    await eachEpoch();
  } finally {
    clearInterval(timer);
  }
  report();
  return { model: modelOf(plan, vocabulary.counts), losses, tokens: total };

  async function eachEpoch(): Promise<void> {
    for (let epoch = losses.length; epoch < settings.epochs; epoch++) {
      const begun = epoch === resume?.epoch ? resume : undefined;
      orderSentences(plan.order, settings.seed, epoch);
      Atomics.store(control, NEXT_BATCH, begun?.batch ?? 0);
      Atomics.store(control, TOKENS_DONE, begun?.tokens ?? 0);
      const share = await workers.run(() => ({ epoch }));
      const loss = share.loss + (begun?.loss ?? 0);
      const predictions = share.predictions + (begun?.predictions ?? 0);
      // A thread that finds no batch left has counted one that does not exist.
      const batch = Math.min(Atomics.load(control, NEXT_BATCH), plan.batches);
      if (signal?.aborted && batch < plan.batches) {
        const tokens = Atomics.load(control, TOKENS_DONE) >>> 0;
        const position = { epoch, batch, tokens, losses, loss, predictions };
        await save?.({ model: modelOf(plan, vocabulary.counts), vocabulary, position });
        signal.throwIfAborted();
      }
      losses.push(predictions === 0 ? 0 : loss / predictions);
      Atomics.store(control, TOKENS_DONE, 0);
      onEpoch?.(epoch, losses.at(-1)!);
      const isOver = epoch + 1 === settings.epochs;
      if (save !== undefined && !isOver && (signal?.aborted || performance.now() - savedAt >= saveEveryMs)) {
        const position = { epoch: epoch + 1, batch: 0, tokens: 0, losses: [...losses], loss: 0, predictions: 0 };
        await save({ model: modelOf(plan, vocabulary.counts), vocabulary, position });
        savedAt = performance.now();
      }
      if (!isOver) signal?.throwIfAborted();
    }
  }
}
