import { type KernelMemory, layOutMemory } from './kernel-memory.ts';

/** Threads that may search one matrix at once: each needs room for its own best rows. */
export const MOST_THREADS = 8;
/** Queries that one pass over a matrix answers. */
export const MOST_QUERIES = 64;
/** Bytes of facts about a query (kernel/assembly/search-state.ts). */
export const FACT_BYTES = 32;
/** Rows whose lengths a thread keeps at hand (kernel/assembly/search-values.ts). */
const STRIP_ROWS = 4096;
/** Fewest best rows that a thread has room for, so that small matrices still answer many queries in one pass. */
const LEAST_KEPT = 16_384;
/** A block of four rows may be read past the end by one vector. */
const SLACK = 16;
const MOST_BYTES = 2 ** 32;

export type SearchArray =
  | 'values'
  | 'codes'
  | 'cosineScales'
  | 'cosineErrors'
  | 'dotScales'
  | 'dotErrors'
  | 'mask'
  | 'exactQueries'
  | 'unitQueries'
  | 'wideQueries'
  | 'queryFacts'
  | 'next'
  | 'bestScores'
  | 'bestRows'
  | 'floors'
  | 'kept'
  | 'strips';

/** What a thread must know to search. */
export interface SearchArea extends KernelMemory<SearchArray> {
  readonly rows: number;
  readonly dimensions: number;
  /** Best rows that a thread has room for, over all queries of a pass. */
  readonly mostKept: number;
}

/**
 * One matrix in shared memory, with room around it for what searching needs. Rows are tight (row-major f32, n x d), so that
 * `values` can be a view of them; worker threads share them and nothing is copied. What is never touched costs no memory:
 * the room for an int8 copy and for 8 threads is address space until it is used. Once searched, the values stay.
 */
export interface VectorMemory {
  readonly area: SearchArea;
  /** n x d, row-major, a view of the memory. */
  readonly values: Float32Array;
  /** Whether there is room for the int8 copy: not where it would not fit below 4 GiB together with the matrix. */
  readonly hasCodes: boolean;
  /** What all searches of this memory share, since it has room for one at a time. */
  readonly state: { turn: Promise<unknown>; isEncoded: boolean };
}

/** Room for n x d values, all zero. Throws ExpectedError `too-much-for-the-kernel` beyond 4 GiB, `out-of-memory`. */
export function reserveVectors(rows: number, dimensions: number): VectorMemory {
  const wholeRows = Math.ceil(rows / 4) * 4;
  const padded = Math.ceil(dimensions / 4) * 4;
  const mostKept = Math.max(rows, LEAST_KEPT);
  const sizes: { [name in SearchArray]: number } = {
    values: wholeRows * dimensions * 4 + SLACK,
    codes: wholeRows * padded,
    cosineScales: wholeRows * 4,
    cosineErrors: wholeRows,
    dotScales: wholeRows * 4,
    dotErrors: wholeRows,
    mask: wholeRows,
    exactQueries: MOST_QUERIES * dimensions * 8,
    unitQueries: MOST_QUERIES * padded * 4,
    wideQueries: MOST_QUERIES * padded * 2,
    queryFacts: MOST_QUERIES * FACT_BYTES,
    next: 4,
    bestScores: MOST_THREADS * mostKept * 8,
    bestRows: MOST_THREADS * mostKept * 4,
    floors: MOST_THREADS * MOST_QUERIES * 4,
    kept: MOST_THREADS * MOST_QUERIES * 4,
    strips: MOST_THREADS * STRIP_ROWS * 4,
  };
  // 64 KiB for what aligning the arrays adds.
  const hasCodes = Object.values(sizes).reduce((sum, size) => sum + size, 65_536) <= MOST_BYTES;
  if (!hasCodes) sizes.codes = 0;
  const { memory, at } = layOutMemory(sizes);
  const values = new Float32Array(memory.buffer, at.values, rows * dimensions);
  const area = { memory, at, rows, dimensions, mostKept };
  return { area, values, hasCodes, state: { turn: Promise.resolve(), isEncoded: false } };
}

/** A copy of the values (n x d, row-major) in memory that can be searched. Throws what `reserveVectors` throws. */
export function holdVectors(values: Float32Array, dimensions: number): VectorMemory {
  const held = reserveVectors(values.length / dimensions, dimensions);
  held.values.set(values);
  return held;
}
