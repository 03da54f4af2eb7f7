// Inverse of a symmetric positive definite matrix by blocked sweeps, in f32. src/vectors/inverse.ts drives it and says how;
// all addresses are unsigned bytes.

/** Bytes of a matrix row; a multiple of 32. */
let stride: usize = 0;
let matrix: usize = 0;
/** Columns of a block, before it is swept: block x n, the rows one after another as in the matrix. */
let across: usize = 0;
/** The same times the inverse of the block's own part, the other way round: n x block. */
let down: usize = 0;
let block: i32 = 0;

export function configure(matrixAt: usize, rowBytes: usize, acrossAt: usize, downAt: usize, blockSize: i32): void {
  matrix = matrixAt;
  stride = rowBytes;
  across = acrossAt;
  down = downAt;
  block = blockSize;
}

/**
 * matrix[i][j] -= sum over k of down[i][k] x across[k][j], for rows `from .. to` (both multiples of 4) and the columns up to
 * the diagonal, in whole groups of eight: what lies right of the diagonal is not used.
 */
export function subtractProduct(from: i32, to: i32): void {
  const downStride = <usize>block << 2;
  for (let i = from; i < to; i += 4) {
    const row0 = matrix + <usize>i * stride;
    const row1 = row0 + stride;
    const row2 = row1 + stride;
    const row3 = row2 + stride;
    const factors = down + <usize>i * downStride;
    const end: usize = <usize>((i + 4 + 7) & ~7) << 2;
    for (let j: usize = 0; j < end; j += 32) {
      let a0 = v128.load(row0 + j);
      let a1 = v128.load(row0 + j, 16);
      let b0 = v128.load(row1 + j);
      let b1 = v128.load(row1 + j, 16);
      let c0 = v128.load(row2 + j);
      let c1 = v128.load(row2 + j, 16);
      let d0 = v128.load(row3 + j);
      let d1 = v128.load(row3 + j, 16);
      let other = across + j;
      let factor = factors;
      for (let k = 0; k < block; k++) {
        const x0 = v128.load(other);
        const x1 = v128.load(other, 16);
        const a = v128.load32_splat(factor);
        const b = v128.load32_splat(factor + downStride);
        const c = v128.load32_splat(factor + 2 * downStride);
        const d = v128.load32_splat(factor + 3 * downStride);
        a0 = f32x4.sub(a0, f32x4.mul(a, x0));
        a1 = f32x4.sub(a1, f32x4.mul(a, x1));
        b0 = f32x4.sub(b0, f32x4.mul(b, x0));
        b1 = f32x4.sub(b1, f32x4.mul(b, x1));
        c0 = f32x4.sub(c0, f32x4.mul(c, x0));
        c1 = f32x4.sub(c1, f32x4.mul(c, x1));
        d0 = f32x4.sub(d0, f32x4.mul(d, x0));
        d1 = f32x4.sub(d1, f32x4.mul(d, x1));
        other += stride;
        factor += 4;
      }
      v128.store(row0 + j, a0);
      v128.store(row0 + j, a1, 16);
      v128.store(row1 + j, b0);
      v128.store(row1 + j, b1, 16);
      v128.store(row2 + j, c0);
      v128.store(row2 + j, c1, 16);
      v128.store(row3 + j, d0);
      v128.store(row3 + j, d1, 16);
    }
  }
}
