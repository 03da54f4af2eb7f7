import { setImmediate as breathe } from 'node:timers/promises';
import type { Model } from '../vectors/model.ts';
import { meanVector, nearest, scoreRows, searchable, topRows, type Vectors } from '../vectors/nearest.ts';
import type { Catalogue } from './catalogue.ts';
import type { Candidate, Recommender, SeedTrack } from './recommender.ts';

/** Neighbours that each seed votes for. */
const NEAREST_PER_SEED = 50;

/** Weight of what is like a seed alone, against 1 for what goes with all seeds together. */
const ALIKE_WEIGHT = 0.5;

interface SeedRow {
  readonly row: number;
  readonly weight: number;
}

/**
 * Song vectors answer two questions, and a candidate's score is the sum of both, each scaled to 1 for its best:
 * - what goes with all seeds together: the weighted mean of their input vectors x output vectors, which is what CBOW was
 *   trained to answer;
 * - what is like each seed alone: its 50 nearest input vectors by cosine, summed over seeds by weight. A listener of jazz
 *   and techno has no mean, and this is what a reason can name.
 * docs/decisions/0005-song-vector-defaults.md measures both and their sum.
 */
export function fitSongVectors(model: Model, catalogue: Catalogue): Recommender {
  const input = searchable(model.input, model.dimensions);
  const output = searchable(model.output, model.dimensions);
  return {
    name: 'song-vectors',
    async candidates(seedTracks, k) {
      const seeds = toRows(seedTracks, catalogue);
      if (seeds.length === 0) return [];
      const excluded = new Uint8Array(catalogue.size);
      for (const { row } of seeds) excluded[row] = 1;
      const together = scoreTogether(input, output, seeds);
      const alike = await voteBySeed(input, seeds, excluded);
      const bestTogether = topRows(together, 1, excluded)[0]?.score ?? 0;
      const bestAlike = topRows(alike, 1, excluded)[0]?.score ?? 0;
      const scores = together.map(
        (score, row) => scaled(score, bestTogether) + ALIKE_WEIGHT * scaled(alike[row]!, bestAlike),
      );
      return topRows(scores, k, excluded).map(({ row, score }): Candidate => {
        const { seed, similarity } = nearestSeed(input, seeds, row);
        return {
          trackId: catalogue.track(row).id,
          score,
          seedId: catalogue.track(seed.row).id,
          similarity,
          facts: { together: together[row]!, alike: alike[row]! },
        };
      });
    },
  };
}

/** Weights of seeds on the same row add up. */
function toRows(seeds: readonly SeedTrack[], catalogue: Catalogue): SeedRow[] {
  const weights = new Map<number, number>();
  for (const { trackId, weight } of seeds) {
    const row = catalogue.rowOfId(trackId);
    if (row >= 0) weights.set(row, (weights.get(row) ?? 0) + weight);
  }
  return Array.from(weights, ([row, weight]) => ({ row, weight }));
}

function scaled(score: number, best: number): number {
  return best > 0 ? score / best : score;
}

/** Score of every row (n) as a continuation of all seeds: mean input x output. */
function scoreTogether(input: Vectors, output: Vectors, seeds: readonly SeedRow[]): Float64Array {
  const rows = seeds.map(({ row }) => row);
  const weights = seeds.map(({ weight }) => weight);
  return scoreRows(output, meanVector(input, rows, weights), 'dot');
}

/** Votes for every row (n): the sum of weight x cosine over the seeds that have it among their nearest. */
async function voteBySeed(input: Vectors, seeds: readonly SeedRow[], excluded: Uint8Array): Promise<Float64Array> {
  const votes = new Float64Array(excluded.length);
  for (const { row, weight } of seeds) {
    const near = nearest(input, meanVector(input, [row]), { k: NEAREST_PER_SEED, measure: 'cosine', excluded });
    for (const neighbour of near) votes[neighbour.row]! += weight * Math.max(0, neighbour.score);
    await breathe();
  }
  return votes;
}

/** By cosine alone, whatever the weights: "the two stand in similar playlists" must hold of the seed that is named. */
function nearestSeed(input: Vectors, seeds: readonly SeedRow[], row: number): { seed: SeedRow; similarity: number } {
  let nearest = seeds[0]!;
  let similarity = Number.NEGATIVE_INFINITY;
  for (const seed of seeds) {
    const cosine = cosineOf(input, row, seed.row);
    if (cosine > similarity) {
      nearest = seed;
      similarity = cosine;
    }
  }
  return { seed: nearest, similarity };
}

function cosineOf({ values, dimensions, norms }: Vectors, a: number, b: number): number {
  let dot = 0;
  for (let i = 0; i < dimensions; i++) dot += values[a * dimensions + i]! * values[b * dimensions + i]!;
  const scale = norms[a]! * norms[b]!;
  return scale === 0 ? 0 : Math.max(-1, Math.min(1, dot / scale));
}
