import { type KernelMemory, layOutMemory } from './kernel-memory.ts';
import type { Model } from './model.ts';
import { buildNegativeSampler } from './negative-sampler.ts';
import { noiseRows } from './noise-rows.ts';
import { keepChances, longestSentence } from './sentence-reader.ts';
import type { TrainingSettings } from './settings.ts';
import { batchesOf } from './training-order.ts';
import type { TokenSequences, Vocabulary } from './vocabulary.ts';

/** Everything the threads of one training share. Made once; threads receive it as it is, its memory uncopied. */
export interface TrainingPlan {
  readonly settings: TrainingSettings;
  readonly corpus: TokenSequences;
  /** Row of each token, -1 where it is left out. */
  readonly rowOf: Int32Array;
  readonly chances: Float64Array | undefined;
  readonly rows: number;
  /** Dimensions padded to a multiple of 4: the padding stays zero, which changes no product. */
  readonly stride: number;
  readonly longest: number;
  readonly batches: number;
  /** Tokens with a row in one epoch. */
  readonly tokensPerEpoch: number;
  /** Sentence numbers in the order of the epoch that runs. */
  readonly order: Uint32Array;
  /** One word each: STOP, NEXT_BATCH, TOKENS_DONE in the epoch that runs. */
  readonly control: Int32Array;
  readonly kernel: KernelMemory;
  readonly hasSampler: boolean;
}

export const STOP = 0;
export const NEXT_BATCH = 1;
export const TOKENS_DONE = 2;

/** Throws what `layOutMemory` throws where the vectors do not fit. */
export function planTraining(
  corpus: TokenSequences,
  vocabulary: Vocabulary,
  settings: TrainingSettings,
  threads: number,
): TrainingPlan {
  const rows = vocabulary.tokens.length;
  const stride = Math.ceil(settings.dimensions / 4) * 4;
  const longest = longestSentence(corpus);
  const sentences = corpus.offsets.length - 1;
  const { table } = buildNegativeSampler(vocabulary.counts, settings.negativeExponent);
  const most = mostTargets(settings, longest);
  const sizes: { [name: string]: number } = {
    input: rows * stride * 4,
    output: rows * stride * 4,
    sampler: table === undefined ? 0 : table.byteLength,
  };
  for (let thread = 0; thread < threads; thread++) {
    sizes[`scratch${thread}`] = 4 * stride * 4;
    sizes[`targets${thread}`] = most * 12;
    sizes[`drawn${thread}`] = mostDrawn(settings, longest) * 4;
    sizes[`sentence${thread}`] = longest * 4;
  }
  const kernel = layOutMemory(sizes);
  if (table !== undefined) new Uint32Array(kernel.memory.buffer, kernel.at.sampler, table.length).set(table);
  return {
    settings,
    corpus: { tokens: shared(corpus.tokens), offsets: shared(corpus.offsets) },
    rowOf: shared(vocabulary.rowOf),
    chances: keepChances(vocabulary, settings.subsampling),
    rows,
    stride,
    longest,
    batches: batchesOf(sentences),
    tokensPerEpoch: vocabulary.total,
    order: new Uint32Array(new SharedArrayBuffer(sentences * 4)),
    control: new Int32Array(new SharedArrayBuffer(12)),
    kernel,
    hasSampler: table !== undefined,
  };
}

/** Pairs of the widest window. */
function mostPairs({ window }: TrainingSettings, longest: number): number {
  return Math.max(1, window === 'playlist' ? longest : Math.min(2 * window, longest));
}

/** Noise rows of the widest window, where each centre has its own. */
export function mostNoise(settings: TrainingSettings, longest: number): number {
  return noiseRows(settings, mostPairs(settings, longest));
}

/** Targets of one step, rounded up to whole groups of four. */
export function mostTargets(settings: TrainingSettings, longest: number): number {
  const pairs = mostPairs(settings, longest);
  return Math.ceil((pairs + Math.max(mostNoise(settings, longest), settings.negatives + 1)) / 4) * 4;
}

/** Negatives that are drawn ahead: of all pairs of a window or a playlist, or the noise of two centres. */
function mostDrawn(settings: TrainingSettings, longest: number): number {
  return Math.max(settings.negatives * mostPairs(settings, longest), 2 * mostNoise(settings, longest));
}

/** The matrices of a plan as a model: the same memory, or a copy of it where rows are padded. */
export function modelOf(plan: TrainingPlan, counts: Uint32Array): Model {
  const { dimensions } = plan.settings;
  return { dimensions, counts, input: matrixOf(plan, 'input'), output: matrixOf(plan, 'output') };
}

function matrixOf(plan: TrainingPlan, name: 'input' | 'output'): Float32Array {
  const { rows, stride, settings, kernel } = plan;
  const padded = new Float32Array(kernel.memory.buffer, kernel.at[name], rows * stride);
  const { dimensions } = settings;
  if (stride === dimensions) return padded;
  const values = new Float32Array(new SharedArrayBuffer(rows * dimensions * 4));
  for (let row = 0; row < rows; row++) {
    values.set(padded.subarray(row * stride, row * stride + dimensions), row * dimensions);
  }
  return values;
}

function shared<T extends Uint32Array | Int32Array | Float64Array>(array: T): T {
  if (array.buffer instanceof SharedArrayBuffer) return array;
  const copy = new (array.constructor as new (buffer: SharedArrayBuffer) => T)(new SharedArrayBuffer(array.byteLength));
  copy.set(array);
  return copy;
}
