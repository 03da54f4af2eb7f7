import { ExpectedError } from '../base/errors.ts';

// The plain truth of searching: every row, in f64. src/vectors/search-index.ts gives the same answers faster.

/** Row-major vectors: n x d. A model's `input` or `output`. */
export interface Rows {
  readonly dimensions: number;
  readonly values: Float32Array;
}

/** Vectors ready to be searched. */
export interface Vectors extends Rows {
  /** Euclidean length of each row (n), computed once by `searchable`. */
  readonly norms: Float64Array;
}

export interface Neighbour {
  readonly row: number;
  /** Cosine in [-1, 1], or the dot product. */
  readonly score: number;
}

export interface SearchOptions {
  /** Most results to return; fewer come back when fewer rows pass. */
  readonly k: number;
  readonly measure: 'cosine' | 'dot';
  /** 1 for each row to leave out (n); absent: none. */
  readonly excluded?: Uint8Array;
  /** Rows that alone may be found; absent: all. */
  readonly only?: Iterable<number>;
}

/** `values`: n x d, row-major. Not copied. */
export function searchable(values: Float32Array, dimensions: number): Vectors {
  const norms = new Float64Array(values.length / dimensions);
  for (let row = 0; row < norms.length; row++) {
    norms[row] = lengthOf(values, row * dimensions, dimensions);
  }
  return { dimensions, values, norms };
}

/** Euclidean length of the row that starts at `at`. */
export function lengthOf(values: Float32Array, at: number, dimensions: number): number {
  let squares = 0;
  for (let i = 0; i < dimensions; i++) squares += values[at + i]! * values[at + i]!;
  return Math.sqrt(squares);
}

/**
 * Weighted mean of rows (d). `weights` as long as `rows`, not all zero; equal where absent. With `unit`, each row is
 * scaled to length 1 first, so that a long vector does not speak louder.
 */
export function meanVector(
  { dimensions, values }: Rows,
  rows: readonly number[],
  weights?: readonly number[],
  unit = false,
): Float64Array {
  const mean = new Float64Array(dimensions);
  let total = 0;
  for (let seed = 0; seed < rows.length; seed++) total += weights === undefined ? 1 : weights[seed]!;
  for (let seed = 0; seed < rows.length; seed++) {
    const row = rows[seed]!;
    const at = row * dimensions;
    const scale =
      (weights === undefined ? 1 : weights[seed]!) / total / (unit ? lengthOf(values, at, dimensions) || 1 : 1);
    for (let i = 0; i < dimensions; i++) mean[i] = mean[i]! + scale * values[at + i]!;
  }
  return mean;
}

/**
 * The k rows nearest to `query` (d), exactly, best first; equal scores by row. A query or row of length zero has cosine
 * 0 to everything. Throws ExpectedError `bad-query`.
 */
export function nearest(vectors: Vectors, query: ArrayLike<number>, options: SearchOptions): Neighbour[] {
  const scores = scoreRows(vectors, query, options.measure);
  return topRows(scores, options.k, leftOut(scores.length, options));
}

/** 1 for each of n rows that may not be found. */
function leftOut(rows: number, { excluded, only }: SearchOptions): Uint8Array | undefined {
  if (only === undefined) return excluded;
  const mask = new Uint8Array(rows).fill(1);
  for (const row of only) mask[row] = excluded?.[row] ?? 0;
  return mask;
}

/** Dot product of the row that starts at `at` with `query` (d), one product after the other, in f64. */
export function dotOf(values: Float32Array, at: number, query: Float64Array): number {
  let dot = 0;
  for (let i = 0; i < query.length; i++) dot += query[i]! * values[at + i]!;
  return dot;
}

/** Score of every row (n) against `query` (d), in f64. */
export function scoreRows(vectors: Vectors, query: ArrayLike<number>, measure: SearchOptions['measure']): Float64Array {
  const { dimensions, values, norms } = vectors;
  checkQuery(query, dimensions);
  const q = Float64Array.from(query);
  let squares = 0;
  for (let i = 0; i < dimensions; i++) squares += q[i]! * q[i]!;
  const length = Math.sqrt(squares);
  const scores = new Float64Array(norms.length);
  for (let row = 0; row < scores.length; row++) {
    const dot = dotOf(values, row * dimensions, q);
    const scale = measure === 'cosine' ? length * norms[row]! : 1;
    scores[row] = scale === 0 ? 0 : dot / scale;
  }
  return scores;
}

/** Throws ExpectedError `bad-query` for another number of values, or values that are not finite (or whose squares are not). */
export function checkQuery(query: ArrayLike<number>, dimensions: number): void {
  if (query.length !== dimensions) throw badQuery(`It has ${query.length} values for ${dimensions} dimensions.`);
  let squares = 0;
  for (let i = 0; i < dimensions; i++) squares += query[i]! * query[i]!;
  if (!Number.isFinite(squares)) throw badQuery('Its length is not a finite number.');
}

function badQuery(why: string): ExpectedError {
  return new ExpectedError('bad-query', 'This is no vector to search with.', {
    why,
    hint: 'Start from songs of the model; where it was imported, import its file again.',
  });
}

/**
 * The k best rows by score, best first, ties by row; a score that is not a number is nobody's. One pass with a heap whose
 * root is the worst kept.
 */
export function topRows(scores: Float64Array, k: number, excluded?: Uint8Array): Neighbour[] {
  const heap = new Int32Array(Math.min(k, scores.length));
  let size = 0;
  for (let row = 0; row < scores.length; row++) {
    if (excluded?.[row] === 1 || Number.isNaN(scores[row]!)) continue;
    if (size < heap.length) {
      heap[size] = row;
      siftUp(heap, size, scores);
      size++;
    } else if (size > 0 && scores[row]! > scores[heap[0]!]!) {
      // A later row with an equal score is worse than what is kept, so a strict comparison keeps ties by row.
      heap[0] = row;
      siftDown(heap, size, scores);
    }
  }
  return Array.from(heap.subarray(0, size), (row) => ({ row, score: scores[row]! })).sort(
    (a, b) => b.score - a.score || a.row - b.row,
  );
}

function isWorse(a: number, b: number, scores: Float64Array): boolean {
  return scores[a]! < scores[b]! || (scores[a]! === scores[b]! && a > b);
}

function siftUp(heap: Int32Array, from: number, scores: Float64Array): void {
  let at = from;
  while (at > 0) {
    const parent = (at - 1) >> 1;
    if (!isWorse(heap[at]!, heap[parent]!, scores)) return;
    swap(heap, at, parent);
    at = parent;
  }
}

function siftDown(heap: Int32Array, size: number, scores: Float64Array): void {
  let at = 0;
  for (;;) {
    let worst = at;
    for (const child of [2 * at + 1, 2 * at + 2]) {
      if (child < size && isWorse(heap[child]!, heap[worst]!, scores)) worst = child;
    }
    if (worst === at) return;
    swap(heap, at, worst);
    at = worst;
  }
}

function swap(heap: Int32Array, a: number, b: number): void {
  const kept = heap[a]!;
  heap[a] = heap[b]!;
  heap[b] = kept;
}
