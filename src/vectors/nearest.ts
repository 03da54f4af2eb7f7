/** Row-major vectors to search: n x d. A model's `input` or `output`. */
export interface Vectors {
  readonly dimensions: number;
  readonly values: Float32Array;
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
}

/** `values`: n x d, row-major. Not copied. */
export function searchable(values: Float32Array, dimensions: number): Vectors {
  const norms = new Float64Array(values.length / dimensions);
  for (let row = 0; row < norms.length; row++) {
    const at = row * dimensions;
    let squares = 0;
    for (let i = 0; i < dimensions; i++) squares += values[at + i]! * values[at + i]!;
    norms[row] = Math.sqrt(squares);
  }
  return { dimensions, values, norms };
}

/**
 * Weighted mean of rows (d). `weights` as long as `rows`, not all zero; equal where absent. With `unit`, each row is
 * scaled to length 1 first, so that a long vector does not speak louder.
 */
export function meanVector(
  vectors: Vectors,
  rows: readonly number[],
  weights?: readonly number[],
  unit = false,
): Float64Array {
  const { dimensions, values, norms } = vectors;
  const mean = new Float64Array(dimensions);
  let total = 0;
  for (let seed = 0; seed < rows.length; seed++) total += weights === undefined ? 1 : weights[seed]!;
  for (let seed = 0; seed < rows.length; seed++) {
    const row = rows[seed]!;
    const at = row * dimensions;
    const scale = (weights === undefined ? 1 : weights[seed]!) / total / (unit ? norms[row]! || 1 : 1);
    for (let i = 0; i < dimensions; i++) mean[i] = mean[i]! + scale * values[at + i]!;
  }
  return mean;
}

/**
 * The k rows nearest to `query` (d), exactly, best first; equal scores by row. A query or row of length zero has cosine
 * 0 to everything.
 */
export function nearest(vectors: Vectors, query: ArrayLike<number>, options: SearchOptions): Neighbour[] {
  const scores = scoreRows(vectors, query, options.measure);
  return topRows(scores, options.k, options.excluded);
}

/** Score of every row (n) against `query` (d), in f64. */
export function scoreRows(vectors: Vectors, query: ArrayLike<number>, measure: SearchOptions['measure']): Float64Array {
  const { dimensions, values, norms } = vectors;
  const q = Float64Array.from(query);
  let squares = 0;
  for (let i = 0; i < dimensions; i++) squares += q[i]! * q[i]!;
  const length = Math.sqrt(squares);
  const scores = new Float64Array(norms.length);
  for (let row = 0; row < scores.length; row++) {
    const at = row * dimensions;
    let dot = 0;
    for (let i = 0; i < dimensions; i++) dot += q[i]! * values[at + i]!;
    const scale = measure === 'cosine' ? length * norms[row]! : 1;
    scores[row] = scale === 0 ? 0 : dot / scale;
  }
  return scores;
}

/** The k best rows by score, best first, ties by row: one pass with a heap whose root is the worst kept. */
export function topRows(scores: Float64Array, k: number, excluded?: Uint8Array): Neighbour[] {
  const heap = new Int32Array(Math.min(k, scores.length));
  let size = 0;
  for (let row = 0; row < scores.length; row++) {
    if (excluded !== undefined && excluded[row] === 1) continue;
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
