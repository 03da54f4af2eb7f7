import { startKernel } from './kernel-module.ts';

// One thread's share of factorising: src/vectors/factors.ts says what for.

/** Rows that a thread takes at a time. */
const ROWS_AT_ONCE = 64;

/** The sum of outer products is made of so many parts, however many threads there are: the same sums in the same order. */
export const GRAM_PARTS = 16;

export type Side = 'playlists' | 'tracks';

/** What the threads share. d = stride. */
export interface FactorsPlan {
  /** Dimensions, padded to a multiple of 4. */
  readonly stride: number;
  readonly playlists: number;
  readonly tracks: number;
  readonly steps: number;
  readonly memory: WebAssembly.Memory;
  readonly at: { readonly [name: string]: number };
  /** The next share. */
  readonly next: Int32Array;
}

export type FactorsOrder = { readonly sumUp: Side } | { readonly solve: Side };

interface FactorsKernel {
  configure(rowBytes: number, gram: number, scratch: number): void;
  solveRows(
    own: number,
    others: number,
    starts: number,
    held: number,
    ridges: number,
    from: number,
    to: number,
    steps: number,
  ): void;
  addOuterProducts(others: number, from: number, to: number, sums: number): void;
}

export function factorsThread(plan: FactorsPlan, thread: number): (order: FactorsOrder) => null {
  const { stride, memory, at, next, steps } = plan;
  const kernel = startKernel<FactorsKernel>('factors', memory);
  kernel.configure(stride * 4, at.gram!, at[`scratch${thread}`]!);
  return (order) => {
    if ('sumUp' in order) {
      const rows = plan[order.sumUp];
      const share = Math.ceil(rows / GRAM_PARTS);
      for (let part = Atomics.add(next, 0, 1); part < GRAM_PARTS; part = Atomics.add(next, 0, 1)) {
        const sums = at.parts! + part * stride * stride * 4;
        new Float32Array(memory.buffer, sums, stride * stride).fill(0);
        kernel.addOuterProducts(
          at[order.sumUp]!,
          Math.min(rows, part * share),
          Math.min(rows, (part + 1) * share),
          sums,
        );
      }
      return null;
    }
    const side = order.solve;
    const other: Side = side === 'tracks' ? 'playlists' : 'tracks';
    const rows = plan[side];
    for (;;) {
      const from = Atomics.add(next, 0, 1) * ROWS_AT_ONCE;
      if (from >= rows) return null;
      kernel.solveRows(
        at[side]!,
        at[other]!,
        at[`${side}Starts`]!,
        at[`${side}Held`]!,
        at[`${side}Ridges`]!,
        from,
        Math.min(rows, from + ROWS_AT_ONCE),
        steps,
      );
    }
  };
}
