import { startKernel } from './kernel-module.ts';
import { noiseLimit } from './noise-rows.ts';
import { PURPOSES, randomState, seedWords } from './random-bits.ts';
import { sentenceReader } from './sentence-reader.ts';
import { batchStream, SENTENCES_PER_BATCH } from './training-order.ts';
import { mostNoise, mostTargets, NEXT_BATCH, STOP, TOKENS_DONE, type TrainingPlan } from './training-plan.ts';

// One thread's share of training: JavaScript reads sentences into rows, the kernel (kernel/assembly/train.ts) trains them.

type TrainSentence = (rows: number, length: number, rate: number) => void;

/** The kernel's functions; addresses are bytes in the shared memory. */
export interface TrainKernel {
  configure(
    input: number,
    output: number,
    rowBytes: number,
    rows: number,
    sampler: number,
    negatives: number,
    sharing: number,
    window: number,
    scratch: number,
    targets: number,
    mostTargets: number,
    drawn: number,
    mostNoise: number,
    noiseLimit: number,
  ): void;
  seedRandom(low: number, high: number, stream: number): void;
  initialiseRows(from: number, to: number, dimensions: number, low: number, high: number): void;
  takePredictions(): number;
  takeWeightedLoss(): number;
  readonly trainPairs: TrainSentence;
  readonly trainCentres: (rows: number, length: number, rate: number, perNoise: number) => void;
  readonly trainBags: TrainSentence;
  readonly trainPlaylist: TrainSentence;
}

/** What a thread did since it was last asked. */
export interface TrainingShare {
  /** Sum over predictions. */
  readonly loss: number;
  readonly predictions: number;
}

export interface KernelTrainer {
  /** Fills this thread's share of the first input vectors, rows `from .. to`. */
  initialise(from: number, to: number): void;
  /** Trains batches until none is left in this epoch, or the plan's STOP is set; a batch begun is finished. */
  trainEpoch(epoch: number): TrainingShare;
}

export function kernelTrainer(plan: TrainingPlan, thread: number): KernelTrainer {
  const { settings, corpus, control, order, batches, kernel, stride } = plan;
  const { at } = kernel;
  const sentenceAt = at[`sentence${thread}`]!;
  const train = startKernel<TrainKernel>('train', kernel.memory);
  train.configure(
    at.input!,
    at.output!,
    stride * 4,
    plan.rows,
    plan.hasSampler ? at.sampler! : 0,
    settings.negatives,
    settings.negativeSharing,
    settings.window === 'playlist' ? 0 : settings.window,
    at[`scratch${thread}`]!,
    at[`targets${thread}`]!,
    mostTargets(settings, plan.longest),
    at[`drawn${thread}`]!,
    mostNoise(settings, plan.longest),
    noiseLimit(settings),
  );
  const reader = sentenceReader(corpus, plan, plan.chances, settings);
  const rows = new Int32Array(kernel.memory.buffer, sentenceAt, plan.longest);
  const trainSentence = methodOf(train, settings);
  const [low, high] = seedWords(settings.seed, PURPOSES.negatives);
  const sentences = order.length;
  const totalTokens = plan.tokensPerEpoch * settings.epochs;

  return {
    initialise(from, to) {
      train.initialiseRows(from, to, settings.dimensions, ...seedWords(settings.seed, PURPOSES.firstVectors));
    },
    trainEpoch(epoch) {
      let loss = 0;
      for (;;) {
        if (Atomics.load(control, STOP) !== 0) break;
        const batch = Atomics.add(control, NEXT_BATCH, 1);
        if (batch >= batches) break;
        const stream = batchStream(epoch, batch, batches);
        train.seedRandom(low, high, stream);
        const subsampling = randomState(settings.seed, stream, PURPOSES.subsampling);
        const doneBefore = Atomics.load(control, TOKENS_DONE) >>> 0;
        let done = 0;
        const to = Math.min(sentences, (batch + 1) * SENTENCES_PER_BATCH);
        for (let place = batch * SENTENCES_PER_BATCH; place < to; place++) {
          const progress = (epoch * plan.tokensPerEpoch + doneBefore + done) / totalTokens;
          const rate = settings.learningRate - (settings.learningRate - settings.minLearningRate) * progress;
          const length = reader.read(order[place]!, rows, subsampling);
          done += reader.tokens;
          if (length < 2) continue;
          trainSentence(sentenceAt, length, rate);
          const weighted = train.takeWeightedLoss();
          if (rate > 0) loss += weighted / rate;
        }
        Atomics.add(control, TOKENS_DONE, done);
      }
      return { loss, predictions: train.takePredictions() };
    },
  };
}

function methodOf(train: TrainKernel, settings: TrainingPlan['settings']): TrainSentence {
  if (settings.algorithm === 'skip-gram') {
    if (settings.skipGram === 'pairs') return train.trainPairs;
    return (rows, length, rate) => train.trainCentres(rows, length, rate, settings.negativesPerNoise);
  }
  return settings.window === 'playlist' ? train.trainPlaylist : train.trainBags;
}
