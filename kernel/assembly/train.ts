import { nextBelow, nextBits, seedRandom } from './random';
import { addRow, fillZero, scaleRow, touchRow } from './rows';
import { configureTargets, moveTargets, setTarget, takeLoss } from './targets';

// Skip-gram and CBOW with negative sampling over sentences of row numbers. src/vectors/reference-trainer.ts is the truth:
// the same draws in the same order, the same moves up to rounding. All addresses are unsigned bytes.

let input: usize = 0;
let output: usize = 0;
/** Bytes of a row: dimensions padded with zeros to a multiple of 4, times 4. */
let rowBytes: usize = 0;
let rowCount: u32 = 0;
/** Pairs of u32, `keep` and `alias` (src/vectors/negative-sampler.ts); 0 where all rows are equally likely. */
let sampler: usize = 0;
let negatives: i32 = 0;
/** Predictions in a row that share one draw of negatives. */
let sharing: i32 = 1;
let window: i32 = 0;
let hidden: usize = 0;
let error: usize = 0;
let sum: usize = 0;
let owed: usize = 0;
/** Row numbers of negatives drawn ahead (u32). */
let drawn: usize = 0;
/** Words of `drawn` that one centre's noise may take. */
let mostNoise: i32 = 0;
/** Predictions since `takePredictions`. */
let predictions: f64 = 0;
let touched: i32 = 0;

/**
 * Where everything lies. `scratch`: four rows. `targets`: `mostTargets` x 12 bytes. `drawnAt`: as many words as a window
 * or, for whole playlists, a sentence needs negatives; for `trainCentres` twice `mostNoiseRows`. `noiseLimit`: logit from
 * which noise is left alone.
 */
export function configure(
  inputAt: usize,
  outputAt: usize,
  bytes: usize,
  rows: u32,
  samplerAt: usize,
  negativeCount: i32,
  sharedBy: i32,
  windowSize: i32,
  scratch: usize,
  targets: usize,
  mostTargets: u32,
  drawnAt: usize,
  mostNoiseRows: i32,
  noiseLimit: f32,
): void {
  input = inputAt;
  output = outputAt;
  rowBytes = bytes;
  rowCount = rows;
  sampler = samplerAt;
  negatives = negativeCount;
  sharing = sharedBy;
  window = windowSize;
  hidden = scratch;
  error = scratch + bytes;
  sum = scratch + 2 * bytes;
  owed = scratch + 3 * bytes;
  drawn = drawnAt;
  mostNoise = mostNoiseRows;
  configureTargets(bytes, targets, mostTargets, noiseLimit);
}

export { seedRandom };

/** Gives rows from .. to their first input vectors: `dimensions` values uniform in (-1, 1) / dimensions, each row by its own stream. */
export function initialiseRows(from: u32, to: u32, dimensions: i32, low: i32, high: i32): void {
  for (let row = from; row < to; row++) {
    seedRandom(low, high, <i32>row);
    const at = input + <usize>row * rowBytes;
    for (let i = 0; i < dimensions; i++) {
      store<f32>(at + ((<usize>i) << 2), <f32>((<f64>nextBits() / 2147483648.0 - 1) / <f64>dimensions));
    }
  }
}

export function takePredictions(): f64 {
  const count = predictions;
  predictions = 0;
  return count;
}

/** Sum of rate x loss since the last call. */
export function takeWeightedLoss(): f64 {
  return takeLoss();
}

// @ts-ignore: decorator
@inline
function drawNegative(): u32 {
  const column = nextBelow(rowCount);
  if (sampler == 0) return column;
  const at = sampler + ((<usize>column) << 3);
  return nextBits() < load<u32>(at) ? column : load<u32>(at, 4);
}

// @ts-ignore: decorator
@inline
function inputOf(rows: usize, position: i32): usize {
  return input + <usize>load<u32>(rows + ((<usize>position) << 2)) * rowBytes;
}

// @ts-ignore: decorator
@inline
function outputOf(rows: usize, position: i32): usize {
  return output + <usize>load<u32>(rows + ((<usize>position) << 2)) * rowBytes;
}

/** Draws `count` negatives to `drawn[from ..]`. */
function drawAhead(from: i32, count: i32): void {
  for (let i = from; i < from + count; i++) store<u32>(drawn + ((<usize>i) << 2), drawNegative());
}

/** word2vec's shrunk window: uniform in 1 .. window, so that near tracks count more; the whole sentence without a window. */
// @ts-ignore: decorator
@inline
function drawReach(length: i32): i32 {
  return window == 0 ? length : 1 + <i32>nextBelow(window);
}

function touchDrawn(from: i32, count: i32): void {
  for (let i = from; i < from + count; i++) touched += touchRow(outputOf(drawn, i), rowBytes);
}

/** The target and its negatives `drawn[from ..]` as targets; noise equal to the target is skipped. Returns how many. */
function setTargets(positive: usize, from: i32, rate: f32): i32 {
  setTarget(0, positive, 1, rate);
  let count = 1;
  for (let i = from; i < from + negatives; i++) {
    const row = outputOf(drawn, i);
    if (row == positive) continue;
    setTarget(count, row, -1, rate);
    count++;
  }
  return count;
}

/** One pass over a sentence by skip-gram as in word2vec: each context's input vector predicts the centre, pair by pair. */
export function trainPairs(rows: usize, length: i32, rate: f32): void {
  for (let centre = 0; centre < length; centre++) {
    const reach = drawReach(length);
    const from = max(0, centre - reach);
    const to = reach < length - centre ? centre + reach + 1 : length;
    const pairs = to - from - 1;
    drawAhead(0, pairs * negatives);
    touchDrawn(0, pairs * negatives);
    const positive = outputOf(rows, centre);
    let pair = 0;
    for (let position = from; position < to; position++) {
      if (position == centre) continue;
      const context = inputOf(rows, position);
      const count = setTargets(positive, pair * negatives, rate);
      fillZero(error, rowBytes);
      moveTargets(context, error, count);
      addRow(context, error, rowBytes);
      pair++;
    }
    predictions += pairs;
  }
}

/** First noise row of the centre that is prepared, and how many rows it has on either side. */
let noiseFrom: i32 = 0;
let noiseCount: i32 = 0;
let contextFrom: i32 = 0;
let contextTo: i32 = 0;

/** Draws reach and noise of a centre, and sets its noise rows on their way from memory. */
function prepareCentre(centre: i32, length: i32, perNoise: f32): void {
  const reach = drawReach(length);
  contextFrom = max(0, centre - reach);
  contextTo = reach < length - centre ? centre + reach + 1 : length;
  noiseCount = <i32>ceil<f32>((<f32>(contextTo - contextFrom - 1) * <f32>negatives) / perNoise);
  // Two places in turn: one centre is trained while the next one is prepared.
  noiseFrom = centre & 1 ? mostNoise : 0;
  drawAhead(noiseFrom, noiseCount);
  touchDrawn(noiseFrom, noiseCount);
}

/**
 * Skip-gram turned round: the centre's input vector predicts its whole context and tells it from noise in which each row
 * stands for `perNoise` negatives of a pair. The input vector moves after every four rows.
 */
export function trainCentres(rows: usize, length: i32, rate: f32, perNoise: f32): void {
  for (let position = 0; position < length; position++) {
    touched += touchRow(inputOf(rows, position), rowBytes) + touchRow(outputOf(rows, position), rowBytes);
  }
  prepareCentre(0, length, perNoise);
  for (let centre = 0; centre < length; centre++) {
    let count = 0;
    for (let position = contextFrom; position < contextTo; position++) {
      if (position == centre) continue;
      setTarget(count, outputOf(rows, position), 1, rate);
      count++;
    }
    predictions += count;
    const noiseRate = (rate * <f32>count * <f32>negatives) / <f32>noiseCount;
    const end = noiseFrom + noiseCount;
    for (let i = noiseFrom; i < end; i++) {
      setTarget(count, outputOf(drawn, i), -1, noiseRate);
      count++;
    }
    if (centre + 1 < length) prepareCentre(centre + 1, length, perNoise);
    const own = inputOf(rows, centre);
    moveTargets(own, own, count);
  }
}

/** One pass over a sentence by CBOW: the mean of the context's input vectors predicts the centre. */
export function trainBags(rows: usize, length: i32, rate: f32): void {
  for (let position = 0; position < length; position++) {
    touched += touchRow(inputOf(rows, position), rowBytes) + touchRow(outputOf(rows, position), rowBytes);
  }
  for (let centre = 0; centre < length; centre++) {
    if (centre % sharing == 0) {
      drawAhead(0, negatives);
      touchDrawn(0, negatives);
    }
    const reach = drawReach(length);
    const from = max(0, centre - reach);
    const to = reach < length - centre ? centre + reach + 1 : length;
    fillZero(hidden, rowBytes);
    for (let position = from; position < to; position++) {
      if (position != centre) addRow(hidden, inputOf(rows, position), rowBytes);
    }
    scaleRow(hidden, 1 / <f32>(to - from - 1), rowBytes);
    fillZero(error, rowBytes);
    moveTargets(hidden, error, setTargets(outputOf(rows, centre), 0, rate));
    for (let position = from; position < to; position++) {
      if (position != centre) addRow(inputOf(rows, position), error, rowBytes);
    }
  }
  predictions += length;
}

/** One pass over a playlist of distinct rows by CBOW over all of it: a running sum and one move per row and playlist. */
export function trainPlaylist(rows: usize, length: i32, rate: f32): void {
  const bytes = rowBytes;
  const sumAt = sum;
  const owedAt = owed;
  const hiddenAt = hidden;
  const errorAt = error;
  fillZero(sum, rowBytes);
  fillZero(owed, rowBytes);
  for (let position = 0; position < length; position++) {
    addRow(sum, inputOf(rows, position), rowBytes);
    touched += touchRow(outputOf(rows, position), rowBytes);
  }
  const draws = (length + sharing - 1) / sharing;
  drawAhead(0, draws * negatives);
  touchDrawn(0, negatives);
  const share: f32 = 1 / <f32>(length - 1);
  const shares = f32x4.splat(share);
  const moved = f32x4.splat(<f32>(length - 2));
  let draw = 0;
  for (let centre = 0; centre < length; centre++) {
    if (centre != 0 && centre % sharing == 0) draw++;
    if (centre % sharing == 0 && draw + 1 < draws) touchDrawn((draw + 1) * negatives, negatives);
    const own = inputOf(rows, centre);
    for (let i: usize = 0; i < bytes; i += 16) {
      const others = f32x4.sub(v128.load(sumAt + i), v128.load(own + i));
      v128.store(hiddenAt + i, f32x4.mul(f32x4.add(others, f32x4.mul(moved, v128.load(owedAt + i))), shares));
      v128.store(errorAt + i, f32x4.splat(0));
    }
    moveTargets(hidden, error, setTargets(outputOf(rows, centre), draw * negatives, rate));
    for (let i: usize = 0; i < bytes; i += 16) {
      const step = v128.load(errorAt + i);
      v128.store(owedAt + i, f32x4.add(v128.load(owedAt + i), step));
      v128.store(own + i, f32x4.sub(v128.load(own + i), step));
    }
  }
  for (let position = 0; position < length; position++) addRow(inputOf(rows, position), owed, rowBytes);
  predictions += length;
}

/** Keeps the touching reads alive. */
export function takeTouched(): i32 {
  return touched;
}
