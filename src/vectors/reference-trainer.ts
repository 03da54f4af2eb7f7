import type { Model } from './model.ts';
import { buildNegativeSampler, drawNegative, type NegativeSampler } from './negative-sampler.ts';
import { nextBelow, nextBits, type RandomState, randomState } from './random-bits.ts';
import type { TrainingSettings } from './settings.ts';
import { beginPlaylist, cbowStep, endPlaylist, playlistStep, skipGramStep } from './steps.ts';
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
  readonly random: RandomState;
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
  const sentences = corpus.offsets.length - 1;
  const random = randomState(settings.seed);
  const pass = newPass(vocabulary, settings, random);
  const chances = keepChances(vocabulary, settings.subsampling);
  const order = Uint32Array.from({ length: Math.max(0, sentences) }, (_, sentence) => sentence);
  const seen = new Uint32Array(vocabulary.tokens.length);
  const rows = new Int32Array(longest(corpus));
  const totalTokens = vocabulary.total * settings.epochs;
  const losses: number[] = [];
  let done = 0;
  let visit = 0;

  for (let epoch = 0; epoch < settings.epochs; epoch++) {
    pass.loss = 0;
    pass.predictions = 0;
    // Corpora come source by source; word2vec reads them in order, which leaves the last source's taste on top.
    shuffle(order, random);
    for (let at = 0; at < order.length; at++) {
      if (hooks.shouldStop?.()) return { model: pass.model, losses, tokens: done, finished: false };
      const sentence = order[at]!;
      const rate = settings.learningRate - (settings.learningRate - settings.minLearningRate) * (done / totalTokens);
      const from = corpus.offsets[sentence]!;
      const to = corpus.offsets[sentence + 1]!;
      visit++;
      let length = 0;
      for (let position = from; position < to; position++) {
        const row = vocabulary.rowOf[corpus.tokens[position]!]!;
        if (row < 0) continue;
        done++;
        if (chances !== undefined && nextBits(random) >= chances[row]!) continue;
        // To the whole playlist a track is in it or not; its second occurrence would only predict itself.
        if (settings.window === 'playlist') {
          if (seen[row] === visit) continue;
          seen[row] = visit;
        }
        rows[length++] = row;
      }
      trainSentence(pass, rows, length, rate);
      hooks.onTokens?.(done);
    }
    losses.push(pass.predictions === 0 ? 0 : pass.loss / pass.predictions);
    hooks.onEpoch?.(epoch, losses.at(-1)!);
  }
  return { model: pass.model, losses, tokens: done, finished: true };
}

/** Input vectors uniform in (-1, 1) / d as gensim draws them, output vectors zero. */
function newPass(vocabulary: Vocabulary, settings: TrainingSettings, random: RandomState): Pass {
  const d = settings.dimensions;
  const input = new Float32Array(vocabulary.tokens.length * d);
  for (let i = 0; i < input.length; i++) input[i] = (nextBits(random) / 0x8000_0000 - 1) / d;
  return {
    model: { dimensions: d, counts: vocabulary.counts, input, output: new Float32Array(input.length) },
    settings,
    sampler: buildNegativeSampler(vocabulary.counts, settings.negativeExponent),
    random,
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
  if (pass.settings.algorithm === 'skip-gram') trainSkipGram(pass, rows, length, rate);
  else if (pass.settings.window === 'playlist') trainWholePlaylist(pass, rows, length, rate);
  else trainCbow(pass, rows, length, rate);
}

/** As gensim does: the context's input vector predicts the centre, one pair at a time. */
function trainSkipGram(pass: Pass, rows: Int32Array, length: number, rate: number): void {
  const { input, output } = pass.model;
  for (let centre = 0; centre < length; centre++) {
    const reach = drawReach(pass, length);
    const to = Math.min(length, centre + reach + 1);
    for (let position = Math.max(0, centre - reach); position < to; position++) {
      if (position === centre) continue;
      drawTargets(pass, rows[centre]!);
      const { targets, hidden, error } = pass;
      pass.loss += skipGramStep(input, output, rows[position]!, targets, targets.length, rate, hidden, error);
      pass.predictions++;
    }
  }
}

function trainCbow(pass: Pass, rows: Int32Array, length: number, rate: number): void {
  const { input, output } = pass.model;
  const { targets, hidden, error } = pass;
  for (let centre = 0; centre < length; centre++) {
    const reach = drawReach(pass, length);
    const from = Math.max(0, centre - reach);
    const to = Math.min(length, centre + reach + 1);
    drawTargets(pass, rows[centre]!);
    pass.loss += cbowStep(input, output, rows, from, to, centre, targets, targets.length, rate, hidden, error);
    pass.predictions++;
  }
}

function trainWholePlaylist(pass: Pass, rows: Int32Array, length: number, rate: number): void {
  const { input, output } = pass.model;
  const { targets, hidden, error, sums } = pass;
  beginPlaylist(input, rows, length, sums);
  for (let centre = 0; centre < length; centre++) {
    drawTargets(pass, rows[centre]!);
    pass.loss += playlistStep(input, output, length, targets, targets.length, rate, sums, hidden, error);
    pass.predictions++;
  }
  endPlaylist(input, rows, length, sums);
}

/** word2vec's shrunk window: uniform in 1 .. window, so that near tracks count more. */
function drawReach(pass: Pass, length: number): number {
  const { window } = pass.settings;
  return window === 'playlist' ? length : 1 + nextBelow(pass.random, window);
}

function drawTargets(pass: Pass, positive: number): void {
  const { targets } = pass;
  targets[0] = positive;
  for (let t = 1; t < targets.length; t++) targets[t] = drawNegative(pass.sampler, pass.random);
}

/** word2vec's subsampling: the chance, out of 2^32, that an occurrence of each row is kept: sqrt(t / f) + t / f. */
function keepChances(vocabulary: Vocabulary, threshold: number): Float64Array | undefined {
  if (threshold === 0) return undefined;
  const chances = new Float64Array(vocabulary.counts.length);
  for (let row = 0; row < chances.length; row++) {
    const ratio = (threshold * vocabulary.total) / vocabulary.counts[row]!;
    chances[row] = Math.min(1, Math.sqrt(ratio) + ratio) * 0x1_0000_0000;
  }
  return chances;
}

/** Fisher and Yates. */
function shuffle(order: Uint32Array, random: RandomState): void {
  for (let last = order.length - 1; last > 0; last--) {
    const other = nextBelow(random, last + 1);
    const kept = order[last]!;
    order[last] = order[other]!;
    order[other] = kept;
  }
}

function longest(corpus: TokenSequences): number {
  let length = 0;
  for (let sentence = 0; sentence + 1 < corpus.offsets.length; sentence++) {
    length = Math.max(length, corpus.offsets[sentence + 1]! - corpus.offsets[sentence]!);
  }
  return length;
}
