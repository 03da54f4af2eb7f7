import { startKernel } from './kernel-module.ts';

// One thread's share of inverting a matrix: src/vectors/inverse.ts says how.

/** Columns swept at once: 64 of them and the rows they meet stay in the second cache. */
export const BLOCK = 64;

/** Rows that a thread takes in turn. */
const GROUP = 4;

/** What the threads of one inversion share. n = size. */
export interface InversePlan {
  /** Rows and columns; a multiple of BLOCK. */
  readonly size: number;
  readonly threads: number;
  readonly memory: WebAssembly.Memory;
  readonly at: { readonly matrix: number; readonly across: number; readonly down: number };
  /** ARRIVED, ROUND and STOP; see `meet`. */
  readonly control: Int32Array;
}

export const ARRIVED = 0;
export const ROUND = 1;
export const STOP = 2;

interface DenseKernel {
  configure(matrix: number, rowBytes: number, across: number, down: number, block: number): void;
  subtractProduct(from: number, to: number): void;
}

/** Sweeps all blocks together with the other threads. False where STOP was set, and the matrix is then of no use. */
export function sweepBlocks(plan: InversePlan, thread: number): boolean {
  const { size, threads, memory, at, control } = plan;
  const kernel = startKernel<DenseKernel>('dense', memory);
  kernel.configure(at.matrix, size * 4, at.across, at.down, BLOCK);
  const matrix = new Float32Array(memory.buffer, at.matrix, size * size);
  const across = new Float32Array(memory.buffer, at.across, BLOCK * size);
  const down = new Float32Array(memory.buffer, at.down, BLOCK * size);
  const eachOwnGroup = (visit: (from: number) => void) => {
    for (let from = thread * GROUP; from < size; from += threads * GROUP) visit(from);
  };
  for (let first = 0; first < size; first += BLOCK) {
    const end = first + BLOCK;
    eachOwnGroup((from) => {
      for (let row = from; row < from + GROUP; row++) {
        for (let k = 0; k < BLOCK; k++) {
          const column = first + k;
          across[k * size + row] = row >= column ? matrix[row * size + column]! : matrix[column * size + row]!;
        }
      }
    });
    if (!meet(control, threads)) return false;
    const inverse = invertSmall(across, size, first);
    eachOwnGroup((from) => {
      for (let row = from; row < from + GROUP; row++) {
        const isInside = row >= first && row < end;
        for (let k = 0; k < BLOCK; k++) {
          let sum = 0;
          if (!isInside) for (let l = 0; l < BLOCK; l++) sum += across[l * size + row]! * inverse[l * BLOCK + k]!;
          down[row * BLOCK + k] = sum;
        }
      }
    });
    if (!meet(control, threads)) return false;
    eachOwnGroup((from) => kernel.subtractProduct(from, from + GROUP));
    if (!meet(control, threads)) return false;
    eachOwnGroup((from) => {
      for (let row = from; row < from + GROUP; row++) {
        if (row >= first && row < end) {
          for (let column = first; column <= row; column++) {
            matrix[row * size + column] = -inverse[(row - first) * BLOCK + (column - first)]!;
          }
          continue;
        }
        for (let k = 0; k < BLOCK; k++) {
          const column = first + k;
          matrix[row > column ? row * size + column : column * size + row] = down[row * BLOCK + k]!;
        }
      }
    });
    if (!meet(control, threads)) return false;
  }
  return true;
}

/** Waits for all threads. False where STOP was set, by all of them alike: it is read by the last one to come. */
function meet(control: Int32Array, threads: number): boolean {
  const round = Atomics.load(control, ROUND);
  if (Atomics.add(control, ARRIVED, 1) === threads - 1) {
    Atomics.store(control, ARRIVED, 0);
    // A round below 0 is the last one.
    Atomics.store(control, ROUND, Atomics.load(control, STOP) === 0 ? round + 1 : -1);
    Atomics.notify(control, ROUND);
  } else Atomics.wait(control, ROUND, round);
  return Atomics.load(control, ROUND) >= 0;
}

/** Gauss and Jordan on the block's own part, in f64; positive definite, so that no pivot need be sought. */
function invertSmall(across: Float32Array, size: number, first: number): Float64Array {
  const a = new Float64Array(BLOCK * BLOCK);
  for (let k = 0; k < BLOCK; k++) {
    for (let l = 0; l < BLOCK; l++) a[k * BLOCK + l] = across[k * size + first + l]!;
  }
  for (let pivot = 0; pivot < BLOCK; pivot++) {
    const scale = 1 / a[pivot * BLOCK + pivot]!;
    a[pivot * BLOCK + pivot] = 1;
    for (let l = 0; l < BLOCK; l++) a[pivot * BLOCK + l]! *= scale;
    for (let k = 0; k < BLOCK; k++) {
      if (k === pivot) continue;
      const factor = a[k * BLOCK + pivot]!;
      a[k * BLOCK + pivot] = 0;
      for (let l = 0; l < BLOCK; l++) a[k * BLOCK + l]! -= factor * a[pivot * BLOCK + l]!;
    }
  }
  return a;
}
