import type { Ranking } from './recommender.ts';

/**
 * Sums of scores by row of the catalogue, and the best of them. One serves many questions: it remembers which rows have a
 * score, so that neither ranking nor clearing looks at all of two million.
 */
export class ScoreBoard {
  readonly scores: Float64Array;
  readonly #touched: Uint32Array;
  readonly #hasScore: Uint8Array;
  #count = 0;

  constructor(size: number) {
    this.scores = new Float64Array(size);
    this.#touched = new Uint32Array(size);
    this.#hasScore = new Uint8Array(size);
  }

  add(row: number, score: number): void {
    if (this.#hasScore[row] === 0) {
      this.#hasScore[row] = 1;
      this.#touched[this.#count++] = row;
    }
    this.scores[row] = this.scores[row]! + score;
  }

  /** Multiplies every score by that of its row. */
  weigh(factorOf: (row: number) => number): void {
    for (let at = 0; at < this.#count; at++) {
      const row = this.#touched[at]!;
      this.scores[row] = this.scores[row]! * factorOf(row);
    }
  }

  /** How many rows have a score. */
  get count(): number {
    return this.#count;
  }

  /** The rows that have one, in the order of their first score; good until the next change. */
  get touched(): Uint32Array {
    return this.#touched.subarray(0, this.#count);
  }

  /** The k best but those in `excluded`. */
  best(k: number, excluded: ReadonlySet<number>): Ranking {
    return bestOf(this.touched, this.scores, k, excluded);
  }

  clear(): void {
    for (let at = 0; at < this.#count; at++) {
      const row = this.#touched[at]!;
      this.scores[row] = 0;
      this.#hasScore[row] = 0;
    }
    this.#count = 0;
  }
}

/** The k best of `rows` by `scores` (indexed by row) but those in `excluded`: a heap with the worst kept on top. */
export function bestOf(
  rows: Uint32Array,
  scores: ArrayLike<number>,
  k: number,
  excluded: ReadonlySet<number>,
): Ranking {
  const heap = new Uint32Array(Math.min(k, rows.length));
  let size = 0;
  const isWorse = (a: number, b: number) => scores[a]! < scores[b]! || (scores[a] === scores[b] && a > b);
  const sink = (from: number) => {
    const row = heap[from]!;
    let at = from;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= size) break;
      if (child + 1 < size && isWorse(heap[child + 1]!, heap[child]!)) child++;
      if (!isWorse(heap[child]!, row)) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = row;
  };
  if (heap.length > 0) {
    for (let i = 0; i < rows.length; i++) {
      const row = rows[i]!;
      if (size === heap.length && !isWorse(heap[0]!, row)) continue;
      if (excluded.has(row)) continue;
      if (size < heap.length) {
        heap[size++] = row;
        if (size === heap.length) for (let at = (size >> 1) - 1; at >= 0; at--) sink(at);
      } else {
        heap[0] = row;
        sink(0);
      }
    }
  }
  const best = heap.slice(0, size).sort((a, b) => scores[b]! - scores[a]! || a - b);
  return { rows: best, scores: Float64Array.from(best, (row) => scores[row]!) };
}
