import { BLOCK, type InversePlan, STOP } from './inverse-sweeps.ts';
import { layOutMemory } from './kernel-memory.ts';
import { startThreadCrew } from './thread-crew.ts';

/** A symmetric n x n matrix in the kernel's memory: fill `values[row * stride + column]` for column <= row, then invert it. */
export interface SymmetricMatrix {
  readonly size: number;
  /** Values of a row: n, rounded up. */
  readonly stride: number;
  readonly values: Float32Array;
  /**
   * Replaces the matrix, which must be positive definite, by its inverse, on and below the diagonal. n^3 / 2 multiply-adds
   * in f32 on worker threads. Throws the signal's reason; the matrix is then of no use.
   */
  invert(options?: { readonly threads?: number; readonly signal?: AbortSignal }): Promise<void>;
}

/**
 * Inverts in place by sweeps (Goodnight 1979, "A tutorial on the SWEEP operator"), a block of columns at a time: with K the
 * block, A_KK becomes -A_KK^-1, A_IK becomes A_IK A_KK^-1, and A_IJ loses A_IK A_KK^-1 A_KJ. After all blocks it is -A^-1.
 * Throws ExpectedError `out-of-memory` and `too-much-for-the-kernel` (n above 32,000).
 */
export function symmetricMatrix(size: number): SymmetricMatrix {
  const stride = Math.ceil(size / BLOCK) * BLOCK;
  const { memory, at } = layOutMemory({
    matrix: stride * stride * 4,
    across: BLOCK * stride * 4,
    down: BLOCK * stride * 4,
  });
  const values = new Float32Array(memory.buffer, at.matrix, stride * stride);
  return {
    size,
    stride,
    values,
    async invert({ threads = 1, signal } = {}) {
      signal?.throwIfAborted();
      // What the size is rounded up by: rows of the identity, which meet nothing else.
      for (let row = size; row < stride; row++) values[row * stride + row] = 1;
      const control = new Int32Array(new SharedArrayBuffer(12));
      await runThreads({ size: stride, threads, memory, at, control }, signal);
      for (let row = 0; row < size; row++) {
        for (let column = 0; column <= row; column++) values[row * stride + column]! *= -1;
      }
    },
  };
}

async function runThreads(plan: InversePlan, signal: AbortSignal | undefined): Promise<void> {
  const crew = startThreadCrew(new URL('./inverse-worker.ts', import.meta.url), plan.threads, (thread) => ({
    plan,
    thread,
  }));
  const onAbort = () => Atomics.store(plan.control, STOP, 1);
  signal?.addEventListener('abort', onAbort);
  try {
    await crew.run(() => null);
    signal?.throwIfAborted();
  } finally {
    signal?.removeEventListener('abort', onAbort);
    await crew.close();
  }
}
