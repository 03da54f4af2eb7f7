// Implicit alternating least squares: solves one row of factors after the other against the factors of what it holds.
// src/vectors/factors.ts drives it and says for what. All addresses are unsigned bytes; a row of
// factors has a multiple of 4 values.

/** Bytes of a row. */
let rowBytes: usize = 0;
/** What every row meets: the sum of all outer products of the other side, times the weight of what is not there, d x d. */
let gram: usize = 0;
/** Three rows: residual, direction, and what the matrix makes of the direction. */
let residual: usize = 0;
let direction: usize = 0;
let image: usize = 0;

export function configure(bytes: usize, gramAt: usize, scratch: usize): void {
  rowBytes = bytes;
  gram = gramAt;
  residual = scratch;
  direction = scratch + bytes;
  image = scratch + 2 * bytes;
}

// @ts-ignore: decorator
@inline
function dot(a: usize, b: usize): f32 {
  let even = f32x4.splat(0);
  let odd = f32x4.splat(0);
  let i: usize = 0;
  for (; i + 32 <= rowBytes; i += 32) {
    even = f32x4.add(even, f32x4.mul(v128.load(a + i), v128.load(b + i)));
    odd = f32x4.add(odd, f32x4.mul(v128.load(a + i, 16), v128.load(b + i, 16)));
  }
  if (i < rowBytes) even = f32x4.add(even, f32x4.mul(v128.load(a + i), v128.load(b + i)));
  const sum = f32x4.add(even, odd);
  return (
    f32x4.extract_lane(sum, 0) + f32x4.extract_lane(sum, 1) + (f32x4.extract_lane(sum, 2) + f32x4.extract_lane(sum, 3))
  );
}

/** target += factor x source */
// @ts-ignore: decorator
@inline
function addScaled(target: usize, factor: f32, source: usize): void {
  const factors = f32x4.splat(factor);
  for (let i: usize = 0; i < rowBytes; i += 16) {
    v128.store(target + i, f32x4.add(v128.load(target + i), f32x4.mul(factors, v128.load(source + i))));
  }
}

/** image = (gram + ridge + sum of the held rows' outer products) x vector */
function apply(vector: usize, others: usize, held: usize, count: i32, ridge: f32): void {
  const ridges = f32x4.splat(ridge);
  for (let i: usize = 0; i < rowBytes; i += 16) v128.store(image + i, f32x4.mul(ridges, v128.load(vector + i)));
  const width = <i32>(rowBytes >>> 2);
  for (let i = 0; i < width; i++) {
    addScaled(image, load<f32>(vector + ((<usize>i) << 2)), gram + <usize>i * rowBytes);
  }
  for (let i = 0; i < count; i++) {
    const row = others + <usize>load<u32>(held + ((<usize>i) << 2)) * rowBytes;
    addScaled(image, dot(vector, row), row);
  }
}

/**
 * Moves rows `from .. to` of `own` towards the least squares solution by `steps` of conjugate gradients, each from where it
 * stands. Row r holds the rows `held[starts[r] .. starts[r + 1])` of `others`; its ridge is `ridge` x (how many it holds +
 * `absent`)^`1`: see src/vectors/factors.ts.
 */
export function solveRows(
  own: usize,
  others: usize,
  starts: usize,
  held: usize,
  ridges: usize,
  from: i32,
  to: i32,
  steps: i32,
): void {
  for (let row = from; row < to; row++) {
    const at = starts + ((<usize>row) << 2);
    const first = load<u32>(at);
    const count = <i32>(load<u32>(at, 4) - first);
    const values = own + <usize>row * rowBytes;
    if (count == 0) {
      memory.fill(values, 0, rowBytes);
      continue;
    }
    solveRow(values, others, held + ((<usize>first) << 2), count, load<f32>(ridges + ((<usize>row) << 2)), steps);
  }
}

function solveRow(values: usize, others: usize, held: usize, count: i32, ridge: f32, steps: i32): void {
  apply(values, others, held, count, ridge);
  for (let i: usize = 0; i < rowBytes; i += 16) {
    v128.store(residual + i, f32x4.sub(f32x4.splat(0), v128.load(image + i)));
  }
  for (let i = 0; i < count; i++) {
    addScaled(residual, 1, others + <usize>load<u32>(held + ((<usize>i) << 2)) * rowBytes);
  }
  memory.copy(direction, residual, rowBytes);
  let square = dot(residual, residual);
  for (let step = 0; step < steps; step++) {
    if (square < 1e-20) break;
    apply(direction, others, held, count, ridge);
    const length = square / dot(direction, image);
    addScaled(values, length, direction);
    addScaled(residual, -length, image);
    const next = dot(residual, residual);
    const keep = f32x4.splat(next / square);
    for (let i: usize = 0; i < rowBytes; i += 16) {
      v128.store(direction + i, f32x4.add(v128.load(residual + i), f32x4.mul(keep, v128.load(direction + i))));
    }
    square = next;
  }
}

/** Adds the outer products of rows `from .. to` of `others` to `sums`, d x d. */
export function addOuterProducts(others: usize, from: i32, to: i32, sums: usize): void {
  for (let row = from; row < to; row++) {
    const values = others + <usize>row * rowBytes;
    for (let i: usize = 0; i < rowBytes; i += 4) {
      addScaled(sums + (i >>> 2) * rowBytes, load<f32>(values + i), values);
    }
  }
}
