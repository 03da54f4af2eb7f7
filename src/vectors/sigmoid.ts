/** Beyond this a logit counts as certain: the error left is under 0.0004 (word2vec stops at 6, 0.0025). */
const LIMIT = 8;
const STEPS_PER_UNIT = 128;
const LAST = 2 * LIMIT * STEPS_PER_UNIT;

// Only additions, multiplications and divisions, which IEEE 754 fixes to the bit: Math.exp may differ in the last
// digit from one engine to the next, and one bit is enough to make another model.
function exp(x: number): number {
  let term = 1;
  let sum = 1;
  for (let k = 1; k <= 20; k++) {
    term *= x / 1024 / k;
    sum += term;
  }
  for (let square = 0; square < 10; square++) sum *= sum;
  return sum;
}

function naturalLog(y: number): number {
  let x = 0;
  let e = 1;
  // Halley's iteration on exp(x) = y; y lies in (0, 1] here and 40 rounds reach the last digit from anywhere.
  for (let round = 0; round < 40; round++) {
    e = exp(x);
    x += (2 * (y - e)) / (y + e);
  }
  return x;
}

const SIGMOID = new Float64Array(LAST + 1);
const LOSS = new Float64Array(LAST + 1);
for (let step = 0; step <= LAST; step++) {
  SIGMOID[step] = 1 / (1 + exp(-(step / STEPS_PER_UNIT - LIMIT)));
  LOSS[step] = -naturalLog(SIGMOID[step]!);
}

/** 1 / (1 + e^-x), by linear interpolation in a table (error under 1e-6); 0 and 1 beyond ±8. */
export function sigmoid(x: number): number {
  if (x >= LIMIT) return 1;
  if (x <= -LIMIT) return 0;
  const place = (x + LIMIT) * STEPS_PER_UNIT;
  const step = place | 0;
  const low = SIGMOID[step]!;
  return low + (place - step) * (SIGMOID[step + 1]! - low);
}

/** -log sigmoid(x), the loss of a positive example with logit x, from the same table; 0 and -x beyond ±8. */
export function logisticLoss(x: number): number {
  if (x >= LIMIT) return 0;
  if (x <= -LIMIT) return -x;
  const place = (x + LIMIT) * STEPS_PER_UNIT;
  const step = place | 0;
  const low = LOSS[step]!;
  return low + (place - step) * (LOSS[step + 1]! - low);
}
