import type { Model } from './model.ts';
import { buildNegativeSampler, drawNegative, type NegativeSampler } from './negative-sampler.ts';
import { noiseLimit, noiseRows } from './noise-rows.ts';
import { nextBelow, nextBits, PURPOSES, type RandomState, randomState } from './random-bits.ts';
import { keepChances, longestSentence, sentenceReader } from './sentence-reader.ts';
import type { TrainingSettings } from './settings.ts';
import { beginPlaylist, cbowStep, endPlaylist, playlistStep, skipGramStep, windowStep } from './steps.ts';
import { batchesOf, batchStream, orderSentences, SENTENCES_PER_BATCH } from './training-order.ts';
import type { TokenSequences, Vocabulary } from './vocabulary.ts';

// The truth that faster trainers are held to: skip-gram and CBOW with negative sampling (Mikolov et al. 2013, arXiv
// 1301.3781 and 1310.4546) with word2vec's and gensim's conventions. Plain loops, one thread, no SIMD, nothing shared.

export interface TrainingHooks {
  /** Called after each sentence; true ends training there. */
  readonly shouldStop?: () => boolean;
  /** Called after each sentence with the tokens read so far, of `total x epochs`. */
  readonly onTokens?: (done: number) => void;
  /** Called after each epoch with its mean loss per prediction. */
  readonly onEpoch?: (epoch: number, loss: number) => void;
}

export interface TrainingResult {
  readonly model: Model;
  /** Mean loss per prediction (one target with its negatives) of each epoch finished. */
  readonly losses: readonly number[];
  /** Tokens read, over all epochs. */
  readonly tokens: number;
  /** False when `shouldStop` ended it early. */
  readonly finished: boolean;
}

/** Everything a sentence is trained with; the arrays are scratch, allocated once. */
interface Pass {
  readonly model: Model;
  readonly settings: TrainingSettings;
  readonly sampler: NegativeSampler;
  /** Of the batch. */
  random: RandomState;
  readonly targets: Int32Array;
  readonly hidden: Float32Array;
  readonly error: Float32Array;
  readonly sums: { readonly sum: Float32Array; readonly owed: Float32Array };
  /** Loss and number of predictions since the epoch began. */
  loss: number;
  predictions: number;
}

/**
 * Trains a model of the vocabulary's rows on the corpus. The same corpus, vocabulary and settings give the same model
 * bit for bit.
 */
export function trainReference(
  corpus: TokenSequences,
  vocabulary: Vocabulary,
  settings: TrainingSettings,
  hooks: TrainingHooks = {},
): TrainingResult {
  const sentences = Math.max(0, corpus.offsets.length - 1);
  const pass = newPass(vocabulary, settings);
  const reader = sentenceReader(corpus, vocabulary, keepChances(vocabulary, settings.subsampling), settings);
  const order = new Uint32Array(sentences);
  const batches = batchesOf(sentences);
  const rows = new Int32Array(longestSentence(corpus));
  const totalTokens = vocabulary.total * settings.epochs;
  const losses: number[] = [];
  let done = 0;

  for (let epoch = 0; epoch < settings.epochs; epoch++) {
    pass.loss = 0;
    pass.predictions = 0;
    orderSentences(order, settings.seed, epoch);
    for (let batch = 0; batch < batches; batch++) {
      const stream = batchStream(epoch, batch, batches);
      pass.random = randomState(settings.seed, stream, PURPOSES.negatives);
      const subsampling = randomState(settings.seed, stream, PURPOSES.subsampling);
      const to = Math.min(sentences, (batch + 1) * SENTENCES_PER_BATCH);
      for (let at = batch * SENTENCES_PER_BATCH; at < to; at++) {
        if (hooks.shouldStop?.()) return { model: pass.model, losses, tokens: done, finished: false };
        const rate = settings.learningRate - (settings.learningRate - settings.minLearningRate) * (done / totalTokens);
        const length = reader.read(order[at]!, rows, subsampling);
        done += reader.tokens;
        trainSentence(pass, rows, length, rate);
        hooks.onTokens?.(done);
      }
    }
    losses.push(pass.predictions === 0 ? 0 : pass.loss / pass.predictions);
    hooks.onEpoch?.(epoch, losses.at(-1)!);
  }
  return { model: pass.model, losses, tokens: done, finished: true };
}

/** Input vectors uniform in (-1, 1) / d as gensim draws them, a stream of chance for each row; output vectors zero. */
function newPass(vocabulary: Vocabulary, settings: TrainingSettings): Pass {
  const d = settings.dimensions;
  const input = new Float32Array(vocabulary.tokens.length * d);
  for (let row = 0; row < vocabulary.tokens.length; row++) {
    const random = randomState(settings.seed, row, PURPOSES.firstVectors);
    for (let i = 0; i < d; i++) input[row * d + i] = (nextBits(random) / 0x8000_0000 - 1) / d;
  }
  return {
    model: { dimensions: d, counts: vocabulary.counts, input, output: new Float32Array(input.length) },
    settings,
    sampler: buildNegativeSampler(vocabulary.counts, settings.negativeExponent),
    random: randomState(settings.seed),
    targets: new Int32Array(settings.negatives + 1),
    hidden: new Float32Array(d),
    error: new Float32Array(d),
    sums: { sum: new Float32Array(d), owed: new Float32Array(d) },
    loss: 0,
    predictions: 0,
  };
}

function trainSentence(pass: Pass, rows: Int32Array, length: number, rate: number): void {
  if (length < 2) return;
  const { algorithm, skipGram, window } = pass.settings;
  if (algorithm === 'skip-gram') {
    if (skipGram === 'pairs') trainPairs(pass, rows, length, rate);
    else trainCentres(pass, rows, length, rate);
  } else if (window === 'playlist') trainPlaylist(pass, rows, length, rate);
  else trainBags(pass, rows, length, rate);
}

/** As gensim does: the context's input vector predicts the centre, one pair at a time. */
function trainPairs(pass: Pass, rows: Int32Array, length: number, rate: number): void {
  const { input, output } = pass.model;
  const { targets, hidden, error } = pass;
  for (let centre = 0; centre < length; centre++) {
    const reach = drawReach(pass, length);
    const to = Math.min(length, centre + reach + 1);
    targets[0] = rows[centre]!;
    for (let position = Math.max(0, centre - reach); position < to; position++) {
      if (position === centre) continue;
      drawNoise(pass);
      pass.loss += skipGramStep(input, output, rows[position]!, targets, targets.length, rate, hidden, error);
      pass.predictions++;
    }
  }
}

function trainCentres(pass: Pass, rows: Int32Array, length: number, rate: number): void {
  const { input, output } = pass.model;
  const { settings, hidden } = pass;
  for (let centre = 0; centre < length; centre++) {
    const reach = drawReach(pass, length);
    const from = Math.max(0, centre - reach);
    const to = Math.min(length, centre + reach + 1);
    const noise = new Int32Array(noiseRows(settings, to - from - 1));
    for (let draw = 0; draw < noise.length; draw++) noise[draw] = drawNegative(pass.sampler, pass.random);
    const { negatives } = settings;
    pass.loss += windowStep(input, output, rows, from, to, centre, noise, negatives, rate, hidden, pass.error);
    pass.predictions += to - from - 1;
  }
}

function trainBags(pass: Pass, rows: Int32Array, length: number, rate: number): void {
  const { input, output } = pass.model;
  const { targets, hidden, error } = pass;
  const limit = noiseLimit(pass.settings);
  for (let centre = 0; centre < length; centre++) {
    if (centre % pass.settings.negativeSharing === 0) drawNoise(pass);
    const reach = drawReach(pass, length);
    const from = Math.max(0, centre - reach);
    const to = Math.min(length, centre + reach + 1);
    targets[0] = rows[centre]!;
    pass.loss += cbowStep(input, output, rows, from, to, centre, targets, targets.length, rate, hidden, error, limit);
    pass.predictions++;
  }
}

function trainPlaylist(pass: Pass, rows: Int32Array, length: number, rate: number): void {
  const { input, output } = pass.model;
  const { targets, hidden, error, sums } = pass;
  const limit = noiseLimit(pass.settings);
  beginPlaylist(input, rows, length, sums);
  for (let centre = 0; centre < length; centre++) {
    if (centre % pass.settings.negativeSharing === 0) drawNoise(pass);
    targets[0] = rows[centre]!;
    pass.loss += playlistStep(input, output, length, targets, targets.length, rate, sums, hidden, error, limit);
    pass.predictions++;
  }
  endPlaylist(input, rows, length, sums);
}

/** word2vec's shrunk window: uniform in 1 .. window, so that near tracks count more. */
function drawReach(pass: Pass, length: number): number {
  const { window } = pass.settings;
  return window === 'playlist' ? length : 1 + nextBelow(pass.random, window);
}

function drawNoise(pass: Pass): void {
  const { targets } = pass;
  for (let t = 1; t < targets.length; t++) targets[t] = drawNegative(pass.sampler, pass.random);
}
