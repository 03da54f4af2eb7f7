import type { VectorMemory } from './search-memory.ts';

/** Song vectors as numbers: what row stands for which track is the caller's business. n = rows, d = dimensions. */
export interface Model {
  readonly dimensions: number;
  /** Occurrences of each row in the corpus (n), falling. */
  readonly counts: Uint32Array;
  /** n x d, row-major: what a track is like; neighbours by cosine. */
  readonly input: Float32Array;
  /** n x d, row-major: what a track goes with; CBOW scores a continuation by mean input x output. */
  readonly output: Float32Array;
  /** The memory that `input` and `output` are views of, where it can be searched as it is (src/vectors/model-index.ts). */
  readonly held?: { readonly input: VectorMemory; readonly output: VectorMemory };
}
