import type { Model } from '../../vectors/model.ts';
import { indexModel } from '../../vectors/model-index.ts';
import { dotOf, meanVector, type Neighbour, type Rows } from '../../vectors/nearest.ts';
import type { SearchIndex, SearchIndexOptions } from '../../vectors/search-index.ts';
import {
  excludedBy,
  NO_KNOWLEDGE,
  NOTHING,
  type Ranking,
  type Recommender,
  type RecommenderKind,
  type SeedRow,
} from '../recommender.ts';

/** Neighbours that each seed votes for. */
const NEAREST_PER_SEED = 50;

/** Seeds that vote, the heaviest: each costs a search of the whole catalogue, 3.5 ms of 2.26 million songs. */
const VOTERS = 32;

/** Weight of what is like a seed alone, against 1 for what goes with all seeds together. */
const ALIKE_WEIGHT = 0.5;

/** Rows asked for beyond those that must be enough, since scaling can round two scores to one. */
const SPARE = 64;

export const songVectors: RecommenderKind = {
  name: 'song-vectors',
  summary: 'Songs whose vectors go with yours together, and the nearest of each.',
  // The vectors have files of their own: `vectorsOf` learns them once.
  async fit({ playlists, vectorsOf }, options) {
    await vectorsOf(playlists, options);
    return NO_KNOWLEDGE;
  },
  open: async ({ playlists, vectorsOf }, _, options) =>
    openVectorRecommender(await vectorsOf(playlists, options), options),
};

interface ScoredRow {
  readonly row: number;
  readonly score: number;
  readonly together: number;
  readonly alike: number;
}

/**
 * Song vectors answer two questions, and a candidate's score is the sum of both, each scaled to 1 for its best:
 * - what goes with all seeds together: the weighted mean of their input vectors x output vectors, which is what CBOW was
 *   trained to answer;
 * - what is like each seed alone: its 50 nearest input vectors by cosine, summed over seeds by weight. A listener of jazz
 *   and techno has no mean, and this is what a reason can name.
 * docs/decisions/0005-song-vector-defaults.md measures both and their sum.
 */
export function openVectorRecommender(model: Model, options: SearchIndexOptions = {}): Recommender {
  const input = indexModel(model, 'input', options);
  const output = indexModel(model, 'output', options);
  return {
    async candidates(question, k) {
      // The catalogue may hold more than the model.
      const known = question.seeds.filter(({ row }) => row < input.size);
      if (known.length === 0) return NOTHING;
      const excluded = new Uint8Array(input.size);
      for (const row of excludedBy(question)) if (row < input.size) excluded[row] = 1;
      const votes = await voteBySeed(input, known, excluded);
      return rankingOf(await rank(input, output, known, votes, excluded, k));
    },
    async close() {
      await input.close();
      await output.close();
    },
  };
}

function rankingOf(best: readonly ScoredRow[]): Ranking {
  return {
    rows: Uint32Array.from(best, ({ row }) => row),
    scores: Float64Array.from(best, ({ score }) => score),
    parts: {
      together: Float64Array.from(best, ({ together }) => together),
      alike: Float64Array.from(best, ({ alike }) => alike),
    },
  };
}

function scaled(score: number, best: number): number {
  return best > 0 ? score / best : score;
}

/** Votes by row: the sum of weight x cosine over the voting seeds that have it among their nearest. All other rows have none. */
async function voteBySeed(
  input: SearchIndex,
  seeds: readonly SeedRow[],
  excluded: Uint8Array,
): Promise<Map<number, number>> {
  const voters = heaviest(seeds, VOTERS);
  const queries = voters.map(({ row }) => meanVector(input, [row]));
  const near = await input.nearestBatch(queries, { k: NEAREST_PER_SEED, measure: 'cosine', excluded });
  const votes = new Map<number, number>();
  for (const [seed, { weight }] of voters.entries()) {
    for (const { row, score } of near[seed]!) votes.set(row, (votes.get(row) ?? 0) + weight * Math.max(0, score));
  }
  return votes;
}

/** In the order given. */
function heaviest(seeds: readonly SeedRow[], most: number): readonly SeedRow[] {
  if (seeds.length <= most) return seeds;
  const chosen = new Set(seeds.toSorted((a, b) => b.weight - a.weight || a.row - b.row).slice(0, most));
  return seeds.filter((seed) => chosen.has(seed));
}

/**
 * The k best rows by both scores, without looking at all of them: a row without votes that is not among the first
 * k + votes by `together` has k rows without votes before it.
 */
async function rank(
  input: SearchIndex,
  output: SearchIndex,
  seeds: readonly SeedRow[],
  votes: ReadonlyMap<number, number>,
  excluded: Uint8Array,
  k: number,
): Promise<ScoredRow[]> {
  const query = meanVector(
    input,
    seeds.map(({ row }) => row),
    seeds.map(({ weight }) => weight),
  );
  for (let spare = SPARE; ; spare *= 4) {
    const asked = k + votes.size + spare;
    const first = await output.nearest(query, { k: asked, measure: 'dot', excluded });
    const best = sumUp(output, query, first, votes).slice(0, k);
    // What was not asked for has at most the last one's score: it is out unless that equals the worst kept.
    const leastLeft = scaled(first.at(-1)?.score ?? 0, first[0]?.score ?? 0);
    if (first.length < asked || best.length === 0 || leastLeft < best.at(-1)!.score) return best;
  }
}

function sumUp(
  output: Rows,
  query: Float64Array,
  first: readonly Neighbour[],
  votes: ReadonlyMap<number, number>,
): ScoredRow[] {
  const together = new Map(first.map(({ row, score }) => [row, score]));
  for (const row of votes.keys()) {
    if (!together.has(row)) together.set(row, dotOf(output.values, row * output.dimensions, query));
  }
  const bestTogether = first[0]?.score ?? 0;
  let bestAlike = 0;
  for (const vote of votes.values()) bestAlike = Math.max(bestAlike, vote);
  return Array.from(together, ([row, score]): ScoredRow => {
    const alike = votes.get(row) ?? 0;
    const sum = scaled(score, bestTogether) + ALIKE_WEIGHT * scaled(alike, bestAlike);
    return { row, score: sum, together: score, alike };
  }).sort((a, b) => b.score - a.score || a.row - b.row);
}
