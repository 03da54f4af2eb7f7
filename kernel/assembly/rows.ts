// Whole rows: `bytes` is a multiple of 16.

// @ts-ignore: decorator
@inline
export function fillZero(row: usize, bytes: usize): void {
  memory.fill(row, 0, bytes);
}

/** target += source */
// @ts-ignore: decorator
@inline
export function addRow(target: usize, source: usize, bytes: usize): void {
  for (let i: usize = 0; i < bytes; i += 16) {
    v128.store(target + i, f32x4.add(v128.load(target + i), v128.load(source + i)));
  }
}

// @ts-ignore: decorator
@inline
export function scaleRow(row: usize, factor: f32, bytes: usize): void {
  const factors = f32x4.splat(factor);
  for (let i: usize = 0; i < bytes; i += 16) v128.store(row + i, f32x4.mul(v128.load(row + i), factors));
}

/**
 * Reads one word of each cache line, so that the row is on its way from memory while other rows are worked on:
 * WebAssembly has no prefetch. The sum must be used somewhere, or the reading is optimised away.
 */
// @ts-ignore: decorator
@inline
export function touchRow(row: usize, bytes: usize): i32 {
  let sum = 0;
  for (let i: usize = 0; i < bytes; i += 64) sum += load<i32>(row + i);
  return sum;
}
