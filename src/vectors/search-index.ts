import { setImmediate as breathe } from 'node:timers/promises';
import { checkQuery, type Neighbour, type SearchOptions } from './nearest.ts';
import { type SearchKernel, type SearchWork, startSearchKernel } from './search-kernel.ts';
import { holdVectors, MOST_QUERIES, MOST_THREADS, type VectorMemory } from './search-memory.ts';
import { type SearchPool, startSearchPool } from './search-pool.ts';
import { isNought, placeQuery } from './search-queries.ts';

export interface SearchIndexOptions {
  /** Worker threads that share a large search; 1 to 8. */
  readonly threads?: number;
  /**
   * What is scanned: the matrix (`f32`), or a copy of a quarter of its size that is made at the first search (`int8`).
   * Answers are the same. Without it the copy is made once so many queries were asked that it pays.
   */
  readonly precision?: 'f32' | 'int8';
  /** Multiply-adds (rows x dimensions x queries) up to which a search stays in this thread. */
  readonly stayBelow?: number;
}

/** The copy costs about as much as this many queries in f32 (2.26 million x 100: 160 ms against 40). */
const QUERIES_THAT_PAY = 5;

/** 0.05 s of int8, 0.2 s of f32, in shares that let the event loop breathe. Starting a worker thread takes 0.08 s. */
const STAY_BELOW = 1_000_000_000;
const BREATHE_EVERY_MS = 4;

type ScanOptions = Pick<SearchOptions, 'measure' | 'excluded' | 'only'> & { readonly k: number };

/**
 * Exact nearest rows of one matrix, faster than looking at each row in f64 and with the same answer: rows, order, scores
 * (bit for bit those of src/vectors/nearest.ts), equal scores by row. Searches of one memory wait for each other. Large
 * ones go to worker threads, started by the first: `close` ends them.
 */
export class SearchIndex {
  readonly dimensions: number;
  readonly size: number;
  /** n x d, row-major. */
  readonly values: Float32Array;
  readonly #vectors: VectorMemory;
  readonly #threads: number;
  readonly #precision: SearchIndexOptions['precision'];
  readonly #stayBelow: number;
  #kernel: SearchKernel | undefined;
  #pool: SearchPool | undefined;
  #queriesAsked = 0;

  constructor(vectors: VectorMemory, { threads = 1, precision, stayBelow = STAY_BELOW }: SearchIndexOptions = {}) {
    this.dimensions = vectors.area.dimensions;
    this.size = vectors.area.rows;
    this.values = vectors.values;
    this.#vectors = vectors;
    this.#threads = Math.max(1, Math.min(threads, MOST_THREADS));
    this.#precision = vectors.hasCodes ? precision : 'f32';
    this.#stayBelow = stayBelow;
  }

  /** The k rows nearest to `query` (d), best first. Throws ExpectedError `bad-query` where it is not d finite numbers. */
  async nearest(query: ArrayLike<number>, options: SearchOptions): Promise<Neighbour[]> {
    const [found] = await this.nearestBatch([query], options);
    return found!;
  }

  /** One answer per query, each as `nearest` gives it, in far fewer passes over the matrix. */
  async nearestBatch(queries: readonly ArrayLike<number>[], options: SearchOptions): Promise<Neighbour[][]> {
    for (const query of queries) checkQuery(query, this.dimensions);
    const { state } = this.#vectors;
    const before = state.turn;
    const { promise, resolve } = Promise.withResolvers<void>();
    state.turn = promise;
    await before;
    try {
      return await this.#answer(queries, { ...options, k: Math.min(options.k, this.size) });
    } finally {
      resolve();
    }
  }

  /** Ends the threads; a search after it starts them again. */
  async close(): Promise<void> {
    await this.#vectors.state.turn;
    await this.#endThreads();
  }

  async #endThreads(): Promise<void> {
    const pool = this.#pool;
    this.#pool = undefined;
    await pool?.close();
  }

  async #answer(queries: readonly ArrayLike<number>[], options: ScanOptions): Promise<Neighbour[][]> {
    const answers: Neighbour[][] = queries.map(() => []);
    if (options.k <= 0) return answers;
    const masked = this.#placeMask(options);
    const sought: number[] = [];
    for (const [at, query] of queries.entries()) {
      if (isNought(query, options.measure)) answers[at] = this.#firstRows(options.k, masked);
      else sought.push(at);
    }
    const perPass = Math.max(1, Math.min(MOST_QUERIES, Math.floor(this.#vectors.area.mostKept / options.k)));
    for (let from = 0; from < sought.length; from += perPass) {
      const places = sought.slice(from, from + perPass);
      const precision = await this.#choosePrecision(places.length);
      for (const [slot, at] of places.entries()) placeQuery(this.#vectors.area, slot, queries[at]!, options.measure);
      const { measure, k } = options;
      const threads = await this.#pass({ kind: 'scan', precision, measure, queries: places.length, k, masked });
      for (const [slot, at] of places.entries()) answers[at] = this.#collect(slot, k, threads);
    }
    return answers;
  }

  async #choosePrecision(queries: number): Promise<'f32' | 'int8'> {
    this.#queriesAsked += queries;
    const wanted =
      this.#precision ?? (this.#vectors.state.isEncoded || this.#queriesAsked >= QUERIES_THAT_PAY ? 'int8' : 'f32');
    if (wanted === 'int8' && !this.#vectors.state.isEncoded) {
      await this.#pass({ kind: 'encode' });
      this.#vectors.state.isEncoded = true;
    }
    return wanted;
  }

  /** How many threads took part. */
  async #pass(work: SearchWork): Promise<number> {
    const { area, values } = this.#vectors;
    const { memory, at } = area;
    new Int32Array(memory.buffer, at.next, 1)[0] = 0;
    if (values.length * (work.kind === 'scan' ? work.queries : 1) > this.#stayBelow) {
      this.#pool ??= startSearchPool(area, this.#threads);
      let isDone = false;
      try {
        await this.#pool.pass(work);
        isDone = true;
      } finally {
        // A thread that died answers no more: the next search starts others.
        if (!isDone) await this.#endThreads();
      }
      return this.#threads;
    }
    this.#kernel ??= startSearchKernel(area, 0);
    this.#kernel.begin(work);
    for (let since = performance.now(); this.#kernel.takeShare(work); ) {
      if (performance.now() - since < BREATHE_EVERY_MS) continue;
      await breathe();
      since = performance.now();
    }
    return 1;
  }

  /** Whether there is anything to leave out. */
  #placeMask({ excluded, only }: ScanOptions): boolean {
    if (excluded === undefined && only === undefined) return false;
    const mask = new Uint8Array(this.#vectors.area.memory.buffer, this.#vectors.area.at.mask, this.size);
    mask.fill(only === undefined ? 0 : 1);
    if (only === undefined) mask.set(excluded!);
    else for (const row of only) mask[row] = excluded?.[row] ?? 0;
    return true;
  }

  #firstRows(k: number, masked: boolean): Neighbour[] {
    const mask = new Uint8Array(this.#vectors.area.memory.buffer, this.#vectors.area.at.mask, this.size);
    const found: Neighbour[] = [];
    for (let row = 0; row < this.size && found.length < k; row++) {
      if (!masked || mask[row] !== 1) found.push({ row, score: 0 });
    }
    return found;
  }

  #collect(slot: number, k: number, threads: number): Neighbour[] {
    const { memory, at, mostKept } = this.#vectors.area;
    const found: Neighbour[] = [];
    for (let thread = 0; thread < threads; thread++) {
      const [kept] = new Uint32Array(memory.buffer, at.kept + (thread * MOST_QUERIES + slot) * 4, 1);
      const from = thread * mostKept + slot * k;
      const scores = new Float64Array(memory.buffer, at.bestScores + from * 8, kept);
      const rows = new Uint32Array(memory.buffer, at.bestRows + from * 4, kept);
      for (let i = 0; i < kept!; i++) found.push({ row: rows[i]!, score: scores[i]! });
    }
    return found.sort((a, b) => b.score - a.score || a.row - b.row).slice(0, k);
  }
}

/** An index over any values (n x d, row-major), which are copied into memory that can be searched. */
export function indexVectors(values: Float32Array, dimensions: number, options: SearchIndexOptions = {}): SearchIndex {
  return new SearchIndex(holdVectors(values, dimensions), options);
}
