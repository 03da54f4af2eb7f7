import { startKernel } from './kernel-module.ts';
import { MOST_QUERIES, type SearchArea } from './search-memory.ts';
import { queryError } from './search-queries.ts';

/** What all threads of one pass do. */
export type SearchWork =
  /** Makes the int8 copy. */
  | { readonly kind: 'encode' }
  | {
      readonly kind: 'scan';
      readonly precision: 'f32' | 'int8';
      readonly measure: 'cosine' | 'dot';
      readonly queries: number;
      readonly k: number;
      readonly masked: boolean;
    };

interface SearchExports {
  configureMatrix(
    values: number,
    rows: number,
    dimensions: number,
    codes: number,
    cosineScales: number,
    cosineErrors: number,
    dotScales: number,
    dotErrors: number,
  ): void;
  configureQueries(exact: number, unit: number, wide: number, facts: number): void;
  configureThread(scores: number, rows: number, floors: number, kept: number, strip: number): void;
  begin(queries: number, k: number, isCosine: number, mask: number): void;
  encode(firstBlock: number, lastBlock: number, queryError: number): void;
  scanCodes(firstBlock: number, lastBlock: number): void;
  scanValues(firstBlock: number, lastBlock: number): void;
}

export interface SearchKernel {
  /** Prepares a pass, before any of its shares. */
  begin(work: SearchWork): void;
  /** Takes the next share that no thread has taken. False where none is left. */
  takeShare(work: SearchWork): boolean;
}

const STRIP_BYTES = 16_384;

/** Multiply-adds of one share: a few hundred microseconds, so that threads end together and the event loop breathes. */
const SHARE = 4_000_000;

/** Blocks of four rows that a thread takes at once. */
export function blocksPerShare(dimensions: number, queries: number): number {
  return Math.max(1, Math.ceil(SHARE / (4 * dimensions * queries)));
}

/** The kernel over one matrix, for one thread. Threads of one matrix have different numbers, from 0 to 7. */
export function startSearchKernel(area: SearchArea, thread: number): SearchKernel {
  const { memory, at, rows, dimensions, mostKept } = area;
  const exports = startKernel<SearchExports>('search', memory);
  exports.configureMatrix(
    at.values,
    rows,
    dimensions,
    at.codes,
    at.cosineScales,
    at.cosineErrors,
    at.dotScales,
    at.dotErrors,
  );
  exports.configureQueries(at.exactQueries, at.unitQueries, at.wideQueries, at.queryFacts);
  exports.configureThread(
    at.bestScores + thread * mostKept * 8,
    at.bestRows + thread * mostKept * 4,
    at.floors + thread * MOST_QUERIES * 4,
    at.kept + thread * MOST_QUERIES * 4,
    at.strips + thread * STRIP_BYTES,
  );
  const next = new Int32Array(memory.buffer, at.next, 1);
  const blocks = Math.ceil(rows / 4);
  return {
    begin(work) {
      if (work.kind === 'encode') return;
      exports.begin(work.queries, work.k, work.measure === 'cosine' ? 1 : 0, work.masked ? at.mask : 0);
    },
    takeShare(work) {
      const size = blocksPerShare(dimensions, work.kind === 'scan' ? work.queries : 1);
      const first = Atomics.add(next, 0, 1) * size;
      if (first >= blocks) return false;
      const last = Math.min(first + size, blocks);
      if (work.kind === 'encode') exports.encode(first, last, queryError(dimensions));
      else if (work.precision === 'int8') exports.scanCodes(first, last);
      else exports.scanValues(first, last);
      return true;
    },
  };
}
