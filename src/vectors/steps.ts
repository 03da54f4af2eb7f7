import { logisticLoss, sigmoid } from './sigmoid.ts';

// The single steps of training. Each touches nothing but its arguments. Names: n = rows, d = dimensions;
// `input` and `output` are n x d, row-major f32; rows are row numbers.

/**
 * Negative sampling (Mikolov et al. 2013, "Distributed Representations of Words and Phrases", eq. 4) for one hidden
 * vector: `targets[0]` is the row to predict, the others up to `targetCount` are noise; noise equal to the target is
 * skipped, as in word2vec, and left alone where its logit has reached `noiseLimit`, its gradient fading over the unit
 * below. Moves the output rows along their gradient, and writes to `error` (d) what the hidden vector should move by.
 * Returns the loss before the move.
 */
export function negativeSamplingStep(
  hidden: Float32Array,
  output: Float32Array,
  targets: Int32Array,
  targetCount: number,
  learningRate: number,
  error: Float32Array,
  noiseLimit = Number.POSITIVE_INFINITY,
): number {
  const positive = targets[0]!;
  let loss = 0;
  error.fill(0);
  for (let t = 0; t < targetCount; t++) {
    const row = targets[t]!;
    if (t > 0 && row === positive) continue;
    loss += moveTarget(hidden, output, row, t === 0 ? 1 : -1, learningRate, error, noiseLimit);
  }
  return loss;
}

/** One target of `hidden`: to be predicted (sign 1) or noise (-1). Moves its row, adds to `error`, returns the loss. */
function moveTarget(
  hidden: Float32Array,
  output: Float32Array,
  row: number,
  sign: 1 | -1,
  learningRate: number,
  error: Float32Array,
  noiseLimit: number,
): number {
  const d = hidden.length;
  const at = row * d;
  let logit = 0;
  for (let i = 0; i < d; i++) logit += hidden[i]! * output[at + i]!;
  const left = sign === 1 ? 1 : Math.max(0, Math.min(1, noiseLimit - logit));
  const gradient = ((sign === 1 ? 1 : 0) - sigmoid(logit)) * learningRate * left;
  for (let i = 0; i < d; i++) {
    const weight = output[at + i]!;
    error[i] = error[i]! + gradient * weight;
    output[at + i] = weight + gradient * hidden[i]!;
  }
  return logisticLoss(sign * logit);
}

/** Skip-gram: the input vector of `contextRow` predicts `targets[0]`. `hidden`, `error`: scratch (d). Returns the loss. */
export function skipGramStep(
  input: Float32Array,
  output: Float32Array,
  contextRow: number,
  targets: Int32Array,
  targetCount: number,
  learningRate: number,
  hidden: Float32Array,
  error: Float32Array,
): number {
  const d = hidden.length;
  const at = contextRow * d;
  for (let i = 0; i < d; i++) hidden[i] = input[at + i]!;
  const loss = negativeSamplingStep(hidden, output, targets, targetCount, learningRate, error);
  for (let i = 0; i < d; i++) input[at + i] = input[at + i]! + error[i]!;
  return loss;
}

/** Targets that see the same hidden vector in `windowStep`. */
const GROUP = 4;

/**
 * Skip-gram over a whole window: the input vector of `centreRow` predicts each of the rows `rows[from .. to)` without
 * position `centre`, against `noise` that stands for `noisePerPair` negatives a pair; noise is not checked against the
 * context. The input vector moves after every four targets (the last ones: after two, and one), since the gradients of
 * a wide window at one point add up to a step too far. `hidden`, `error`: scratch (d). Returns the loss of the pairs,
 * noise weighted.
 */
export function windowStep(
  input: Float32Array,
  output: Float32Array,
  rows: Int32Array,
  from: number,
  to: number,
  centre: number,
  noise: Int32Array,
  noisePerPair: number,
  learningRate: number,
  hidden: Float32Array,
  error: Float32Array,
): number {
  const d = hidden.length;
  const at = rows[centre]! * d;
  const pairs = to - from - 1;
  const weight = (noisePerPair * pairs) / noise.length;
  const targets = [...rows.subarray(from, centre), ...rows.subarray(centre + 1, to), ...noise];
  let loss = 0;
  for (let first = 0; first < targets.length; ) {
    const left = targets.length - first;
    const size = left >= GROUP ? GROUP : left >= 2 ? 2 : 1;
    // The same row twice in a group: one after the other, each with the hidden vector as the one before left it.
    const group = targets.slice(first, first + size);
    const isOneByOne = new Set(group).size < size;
    for (let t = 0; t < size; t++) {
      if (t === 0 || isOneByOne) {
        for (let i = 0; i < d; i++) hidden[i] = input[at + i]!;
        error.fill(0);
      }
      const isNoise = first + t >= pairs;
      const sign = isNoise ? -1 : 1;
      const importance = isNoise ? weight : 1;
      loss +=
        importance *
        moveTarget(hidden, output, group[t]!, sign, learningRate * importance, error, Number.POSITIVE_INFINITY);
      if (t + 1 < size && !isOneByOne) continue;
      for (let i = 0; i < d; i++) input[at + i] = input[at + i]! + error[i]!;
    }
    first += size;
  }
  return loss;
}

/**
 * CBOW: the mean of the input vectors of `rows[from .. to)` without position `centre` predicts `targets[0]`. As in
 * word2vec and gensim (cbow_mean = 1) every context row moves by the whole error, not by its share of it.
 */
export function cbowStep(
  input: Float32Array,
  output: Float32Array,
  rows: Int32Array,
  from: number,
  to: number,
  centre: number,
  targets: Int32Array,
  targetCount: number,
  learningRate: number,
  hidden: Float32Array,
  error: Float32Array,
  noiseLimit = Number.POSITIVE_INFINITY,
): number {
  const d = hidden.length;
  const share = 1 / (to - from - 1);
  hidden.fill(0);
  for (let position = from; position < to; position++) {
    if (position === centre) continue;
    const at = rows[position]! * d;
    for (let i = 0; i < d; i++) hidden[i] = hidden[i]! + input[at + i]!;
  }
  for (let i = 0; i < d; i++) hidden[i] = hidden[i]! * share;
  const loss = negativeSamplingStep(hidden, output, targets, targetCount, learningRate, error, noiseLimit);
  for (let position = from; position < to; position++) {
    if (position === centre) continue;
    const at = rows[position]! * d;
    for (let i = 0; i < d; i++) input[at + i] = input[at + i]! + error[i]!;
  }
  return loss;
}

/** The state of a whole-playlist CBOW pass; all are scratch of length d. */
export interface PlaylistSums {
  /** Sum of the playlist's input vectors as they were before the pass. */
  readonly sum: Float32Array;
  /** Sum of the errors of the steps made so far, which every row of the playlist still has to receive. */
  readonly owed: Float32Array;
}

/** Starts a pass over a playlist of distinct `rows[0 .. length)`. */
export function beginPlaylist(input: Float32Array, rows: Int32Array, length: number, sums: PlaylistSums): void {
  const { sum, owed } = sums;
  const d = sum.length;
  sum.fill(0);
  owed.fill(0);
  for (let position = 0; position < length; position++) {
    const at = rows[position]! * d;
    for (let i = 0; i < d; i++) sum[i] = sum[i]! + input[at + i]!;
  }
}

/**
 * One step of CBOW over the whole playlist: all other `length - 1` rows predict `targets[0]`. Equals `cbowStep` over
 * the whole playlist in exact arithmetic, at a cost that does not depend on its length: since every step moves all
 * rows but one by the same error, the moves are owed and paid once, by `endPlaylist`.
 */
export function playlistStep(
  input: Float32Array,
  output: Float32Array,
  length: number,
  targets: Int32Array,
  targetCount: number,
  learningRate: number,
  sums: PlaylistSums,
  hidden: Float32Array,
  error: Float32Array,
  noiseLimit = Number.POSITIVE_INFINITY,
): number {
  const { sum, owed } = sums;
  const d = hidden.length;
  const at = targets[0]! * d;
  const share = 1 / (length - 1);
  // The sum now is sum + (length - 1) owed, since each earlier step moved length - 1 rows; the target itself, whose
  // turn has not been, stands at input + owed.
  for (let i = 0; i < d; i++) hidden[i] = (sum[i]! - input[at + i]! + (length - 2) * owed[i]!) * share;
  const loss = negativeSamplingStep(hidden, output, targets, targetCount, learningRate, error, noiseLimit);
  for (let i = 0; i < d; i++) {
    owed[i] = owed[i]! + error[i]!;
    input[at + i] = input[at + i]! - error[i]!;
  }
  return loss;
}

/** Pays every row of the playlist what it is owed. */
export function endPlaylist(input: Float32Array, rows: Int32Array, length: number, sums: PlaylistSums): void {
  const { owed } = sums;
  const d = owed.length;
  for (let position = 0; position < length; position++) {
    const at = rows[position]! * d;
    for (let i = 0; i < d; i++) input[at + i] = input[at + i]! + owed[i]!;
  }
}
