import type { Model } from '../../vectors/model.ts';
import { indexModel } from '../../vectors/model-index.ts';
import { meanVector } from '../../vectors/nearest.ts';
import type { SearchIndexOptions } from '../../vectors/search-index.ts';
import { excludedBy, NO_KNOWLEDGE, NOTHING, type Recommender, type RecommenderKind } from '../recommender.ts';

/** Of each seed's list so much more than its part of k is asked for, since seeds share neighbours. */
const SPARE = 2;

export const nearest: RecommenderKind = {
  name: 'nearest',
  summary: 'The nearest song of each of yours, then the second nearest of each, and so on.',
  async fit({ playlists, vectorsOf }, options) {
    await vectorsOf(playlists, options);
    return NO_KNOWLEDGE;
  },
  open: async ({ playlists, vectorsOf }, _, options) => openNearest(await vectorsOf(playlists, options), options),
};

/**
 * The way most people begin with song vectors: of each recent song its nearest ones, by the cosine of input vectors. Rounds: the
 * nearest of every seed, heaviest seed first, then the second nearest of every one. What was nearest to a seed before is that seed's, and the later
 * one goes without. Score: 1 / place. `parts`: `round` from 1, and `similarity`, the cosine. Seeds without a vector are passed over.
 */
export function openNearest(model: Model, options: SearchIndexOptions = {}): Recommender {
  const index = indexModel(model, 'input', options);
  return {
    async candidates(question, k) {
      const seeds = question.seeds
        .filter(({ row }) => row < index.size)
        .toSorted((a, b) => b.weight - a.weight || a.row - b.row);
      if (seeds.length === 0 || k === 0) return NOTHING;
      const excluded = new Uint8Array(index.size);
      for (const row of excludedBy(question)) if (row < index.size) excluded[row] = 1;
      const each = Math.min(index.size, Math.ceil((SPARE * k) / seeds.length) + 1);
      const queries = seeds.map(({ row }) => meanVector(index, [row]));
      const lists = await index.nearestBatch(queries, { k: each, measure: 'cosine', excluded });
      const found = new Map<number, { round: number; similarity: number }>();
      for (let round = 0; round < each && found.size < k; round++) {
        for (const list of lists) {
          const near = list[round];
          if (near === undefined || near.score <= 0 || found.has(near.row) || found.size >= k) continue;
          found.set(near.row, { round: round + 1, similarity: near.score });
        }
      }
      return {
        rows: Uint32Array.from(found.keys()),
        scores: Float64Array.from({ length: found.size }, (_, at) => 1 / (at + 1)),
        parts: {
          round: Float64Array.from(found.values(), ({ round }) => round),
          similarity: Float64Array.from(found.values(), ({ similarity }) => similarity),
        },
      };
    },
    close: () => index.close(),
  };
}
