import { naturalLog, onePlusExpOfMinus, uncertainty } from './logistic';

// Negative sampling for one hidden vector against many output rows, four at a time: each row is read twice and written
// once, and `hidden` and `error` are read once for four rows. src/vectors/steps.ts is the truth.

/** Bytes of a row; a multiple of 16. */
let rowBytes: usize = 0;
/** Address of each target's output row (u32), whether it is to be predicted (+1) or noise (-1), and its rate (f32). */
let addresses: usize = 0;
let signs: usize = 0;
let rates: usize = 0;
/** Logit from which noise is left alone; it fades over the unit below. */
let noiseLimit: f32 = f32.MAX_VALUE;
/** Sum of rate x loss since `takeLoss`. */
let weightedLoss: f64 = 0;

/** `most`: targets that fit at `targetsAt`, 12 bytes each; a multiple of 4. `limit`: logit from which noise is left alone. */
export function configureTargets(bytes: usize, targetsAt: usize, most: u32, limit: f32): void {
  noiseLimit = limit;
  rowBytes = bytes;
  addresses = targetsAt;
  signs = targetsAt + most * 4;
  rates = targetsAt + most * 8;
}

// @ts-ignore: decorator
@inline
export function setTarget(index: i32, address: usize, sign: f32, rate: f32): void {
  const at = (<usize>index) << 2;
  store<u32>(addresses + at, <u32>address);
  store<f32>(signs + at, sign);
  store<f32>(rates + at, rate);
}

/** Sum of rate x loss of all targets since the last call. */
export function takeLoss(): f64 {
  const loss = weightedLoss;
  weightedLoss = 0;
  return loss;
}

/**
 * Moves the rows of targets 0 .. count along their gradients, and adds to `error` (a row) what `hidden` should move by.
 * `error` may be `hidden` itself: then each group of four sees it as the groups before have left it.
 */
export function moveTargets(hidden: usize, error: usize, count: i32): void {
  let from = 0;
  for (; from + 4 <= count; from += 4) moveFour(hidden, error, (<usize>from) << 2);
  if (from + 2 <= count) {
    moveTwo(hidden, error, (<usize>from) << 2);
    from += 2;
  }
  if (from < count) moveOne(hidden, error, (<usize>from) << 2);
}

function moveFour(hidden: usize, error: usize, at: usize): void {
  const row0: usize = load<u32>(addresses + at);
  const row1: usize = load<u32>(addresses + at, 4);
  const row2: usize = load<u32>(addresses + at, 8);
  const row3: usize = load<u32>(addresses + at, 12);
  // The same row twice: one after the other, or the first move would be lost.
  if (row0 == row1 || row0 == row2 || row0 == row3 || row1 == row2 || row1 == row3 || row2 == row3) {
    for (let one: usize = 0; one < 16; one += 4) moveOne(hidden, error, at + one);
    return;
  }
  const bytes = rowBytes;
  const whole = bytes & ~63;
  let dot0 = f32x4.splat(0);
  let dot1 = f32x4.splat(0);
  let dot2 = f32x4.splat(0);
  let dot3 = f32x4.splat(0);
  let i: usize = 0;
  for (; i < whole; i += 64) {
    const h = hidden + i;
    const h0 = v128.load(h);
    const h1 = v128.load(h, 16);
    const h2 = v128.load(h, 32);
    const h3 = v128.load(h, 48);
    dot0 = addFour(dot0, row0 + i, h0, h1, h2, h3);
    dot1 = addFour(dot1, row1 + i, h0, h1, h2, h3);
    dot2 = addFour(dot2, row2 + i, h0, h1, h2, h3);
    dot3 = addFour(dot3, row3 + i, h0, h1, h2, h3);
  }
  for (; i < bytes; i += 16) {
    const h = v128.load(hidden + i);
    dot0 = f32x4.add(dot0, f32x4.mul(h, v128.load(row0 + i)));
    dot1 = f32x4.add(dot1, f32x4.mul(h, v128.load(row1 + i)));
    dot2 = f32x4.add(dot2, f32x4.mul(h, v128.load(row2 + i)));
    dot3 = f32x4.add(dot3, f32x4.mul(h, v128.load(row3 + i)));
  }
  const gradients = gradientsOf(sumFour(dot0, dot1, dot2, dot3), v128.load(signs + at), v128.load(rates + at));
  const gradient0 = v128.shuffle<f32>(gradients, gradients, 0, 0, 0, 0);
  const gradient1 = v128.shuffle<f32>(gradients, gradients, 1, 1, 1, 1);
  const gradient2 = v128.shuffle<f32>(gradients, gradients, 2, 2, 2, 2);
  const gradient3 = v128.shuffle<f32>(gradients, gradients, 3, 3, 3, 3);
  for (i = 0; i < whole; i += 32) {
    const h = hidden + i;
    const e = error + i;
    const r0 = row0 + i;
    const r1 = row1 + i;
    const r2 = row2 + i;
    const r3 = row3 + i;
    moveLanes(h, e, r0, r1, r2, r3, gradient0, gradient1, gradient2, gradient3);
    moveNextLanes(h, e, r0, r1, r2, r3, gradient0, gradient1, gradient2, gradient3);
  }
  for (; i < bytes; i += 16) {
    const h = hidden + i;
    const e = error + i;
    moveLanes(h, e, row0 + i, row1 + i, row2 + i, row3 + i, gradient0, gradient1, gradient2, gradient3);
  }
}

/** sum + 16 products of a row with h0 .. h3. */
// @ts-ignore: decorator
@inline
function addFour(sum: v128, row: usize, h0: v128, h1: v128, h2: v128, h3: v128): v128 {
  const low = f32x4.add(f32x4.mul(h0, v128.load(row)), f32x4.mul(h1, v128.load(row, 16)));
  const high = f32x4.add(f32x4.mul(h2, v128.load(row, 32)), f32x4.mul(h3, v128.load(row, 48)));
  return f32x4.add(sum, f32x4.add(low, high));
}

/** Moves four values of four rows and of the error. */
// @ts-ignore: decorator
@inline
function moveLanes(
  hiddenAt: usize,
  error: usize,
  row0: usize,
  row1: usize,
  row2: usize,
  row3: usize,
  gradient0: v128,
  gradient1: v128,
  gradient2: v128,
  gradient3: v128,
): void {
  const h = v128.load(hiddenAt);
  const w0 = v128.load(row0);
  const w1 = v128.load(row1);
  const w2 = v128.load(row2);
  const w3 = v128.load(row3);
  const moved = f32x4.add(
    f32x4.add(f32x4.mul(gradient0, w0), f32x4.mul(gradient1, w1)),
    f32x4.add(f32x4.mul(gradient2, w2), f32x4.mul(gradient3, w3)),
  );
  v128.store(error, f32x4.add(v128.load(error), moved));
  v128.store(row0, f32x4.add(w0, f32x4.mul(gradient0, h)));
  v128.store(row1, f32x4.add(w1, f32x4.mul(gradient1, h)));
  v128.store(row2, f32x4.add(w2, f32x4.mul(gradient2, h)));
  v128.store(row3, f32x4.add(w3, f32x4.mul(gradient3, h)));
}

/** The same for the four after them: an offset must be a constant to cost nothing. */
// @ts-ignore: decorator
@inline
function moveNextLanes(
  hiddenAt: usize,
  error: usize,
  row0: usize,
  row1: usize,
  row2: usize,
  row3: usize,
  gradient0: v128,
  gradient1: v128,
  gradient2: v128,
  gradient3: v128,
): void {
  const h = v128.load(hiddenAt, 16);
  const w0 = v128.load(row0, 16);
  const w1 = v128.load(row1, 16);
  const w2 = v128.load(row2, 16);
  const w3 = v128.load(row3, 16);
  const moved = f32x4.add(
    f32x4.add(f32x4.mul(gradient0, w0), f32x4.mul(gradient1, w1)),
    f32x4.add(f32x4.mul(gradient2, w2), f32x4.mul(gradient3, w3)),
  );
  v128.store(error, f32x4.add(v128.load(error, 16), moved), 16);
  v128.store(row0, f32x4.add(w0, f32x4.mul(gradient0, h)), 16);
  v128.store(row1, f32x4.add(w1, f32x4.mul(gradient1, h)), 16);
  v128.store(row2, f32x4.add(w2, f32x4.mul(gradient2, h)), 16);
  v128.store(row3, f32x4.add(w3, f32x4.mul(gradient3, h)), 16);
}

function moveTwo(hidden: usize, error: usize, at: usize): void {
  let row0: usize = load<u32>(addresses + at);
  let row1: usize = load<u32>(addresses + at, 4);
  if (row0 == row1) {
    moveOne(hidden, error, at);
    moveOne(hidden, error, at + 4);
    return;
  }
  const bytes = rowBytes;
  let dot0 = f32x4.splat(0);
  let dot1 = f32x4.splat(0);
  for (let i: usize = 0; i < bytes; i += 16) {
    const h = v128.load(hidden + i);
    dot0 = f32x4.add(dot0, f32x4.mul(h, v128.load(row0 + i)));
    dot1 = f32x4.add(dot1, f32x4.mul(h, v128.load(row1 + i)));
  }
  const none = f32x4.splat(0);
  const gradients = gradientsOf(
    sumFour(dot0, dot1, none, none),
    v128.load64_zero(signs + at),
    v128.load64_zero(rates + at),
  );
  const gradient0 = v128.shuffle<f32>(gradients, gradients, 0, 0, 0, 0);
  const gradient1 = v128.shuffle<f32>(gradients, gradients, 1, 1, 1, 1);
  for (let i: usize = 0; i < bytes; i += 16) {
    const h = v128.load(hidden + i);
    const w0 = v128.load(row0 + i);
    const w1 = v128.load(row1 + i);
    const moved = f32x4.add(f32x4.mul(gradient0, w0), f32x4.mul(gradient1, w1));
    v128.store(error + i, f32x4.add(v128.load(error + i), moved));
    v128.store(row0 + i, f32x4.add(w0, f32x4.mul(gradient0, h)));
    v128.store(row1 + i, f32x4.add(w1, f32x4.mul(gradient1, h)));
  }
}

function moveOne(hidden: usize, error: usize, at: usize): void {
  const row: usize = load<u32>(addresses + at);
  const bytes = rowBytes;
  let dot = f32x4.splat(0);
  for (let i: usize = 0; i < bytes; i += 16) {
    dot = f32x4.add(dot, f32x4.mul(v128.load(hidden + i), v128.load(row + i)));
  }
  const none = f32x4.splat(0);
  const gradients = gradientsOf(
    sumFour(dot, none, none, none),
    v128.load32_zero(signs + at),
    v128.load32_zero(rates + at),
  );
  const gradient = v128.shuffle<f32>(gradients, gradients, 0, 0, 0, 0);
  for (let i: usize = 0; i < bytes; i += 16) {
    const h = v128.load(hidden + i);
    const w = v128.load(row + i);
    v128.store(error + i, f32x4.add(v128.load(error + i), f32x4.mul(gradient, w)));
    v128.store(row + i, f32x4.add(w, f32x4.mul(gradient, h)));
  }
}

/** Rate x gradient of each lane's logit, by the sign of its target; a lane without a target has rate 0. */
// @ts-ignore: decorator
@inline
function gradientsOf(logits: v128, sign: v128, rate: v128): v128 {
  const agreement = f32x4.mul(logits, sign);
  const y = onePlusExpOfMinus(agreement);
  const losses = f32x4.mul(rate, naturalLog(y));
  weightedLoss += <f64>(
    (f32x4.extract_lane(losses, 0) +
      f32x4.extract_lane(losses, 1) +
      (f32x4.extract_lane(losses, 2) + f32x4.extract_lane(losses, 3)))
  );
  const gradients = f32x4.mul(f32x4.mul(uncertainty(agreement, y), sign), rate);
  const one = f32x4.splat(1);
  const left = f32x4.max(f32x4.splat(0), f32x4.min(one, f32x4.sub(f32x4.splat(noiseLimit), logits)));
  return f32x4.mul(gradients, v128.bitselect(left, one, f32x4.lt(sign, f32x4.splat(0))));
}

/** The four sums of four vectors' lanes, as one vector. */
// @ts-ignore: decorator
@inline
function sumFour(a: v128, b: v128, c: v128, d: v128): v128 {
  const ab = f32x4.add(v128.shuffle<f32>(a, b, 0, 4, 1, 5), v128.shuffle<f32>(a, b, 2, 6, 3, 7));
  const cd = f32x4.add(v128.shuffle<f32>(c, d, 0, 4, 1, 5), v128.shuffle<f32>(c, d, 2, 6, 3, 7));
  return f32x4.add(v128.shuffle<f32>(ab, cd, 0, 1, 4, 5), v128.shuffle<f32>(ab, cd, 2, 3, 6, 7));
}
