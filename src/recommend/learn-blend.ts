import type { FeatureTable } from './blend-features.ts';

/** Candidates of one playlist, and which of them were hidden in it; or the songs of an edition, and which of them were kept. */
export interface LearningCase {
  readonly features: FeatureTable;
  /** Places in the table's rows. */
  readonly found: readonly number[];
  /** How much it says beside the others; 1 where nothing is said. */
  readonly weight?: number;
}

const STEPS = 300;
const RATE = 0.05;
/**
 * What it costs to leave the weights one begins with, against the loss of one case: few cases say little. With 34 of them (the
 * bundled playlists) .3, 3, 10 and 30 have NDCG .245, .253, .254 and .259 on others, the beginning itself .253; with 112
 * (listeners) .565, .564, .563, .562 and .557.
 */
const RIDGE = 10;
/** As in Kingma and Ba 2015, "Adam", arXiv 1412.6980. */
const DECAY = 0.9;
const SQUARE_DECAY = 0.999;

/**
 * Weights of a linear ranker that put hidden tracks first: the softmax over each playlist's candidates is to give them all of
 * its mass (ListNet's top-one probability, Cao et al. 2007, "Learning to rank: from pairwise approach to listwise approach").
 * Convex, all cases in every step, nothing by chance: the same cases give the same weights. Cases in which nothing was found
 * teach nothing, nor do those of weight 0. `begun`: the weights that stand as long as few cases speak against them.
 */
export function learnWeights(cases: readonly LearningCase[], begun: Float64Array): Float64Array {
  const width = begun.length;
  const weights = begun.slice();
  const mean = new Float64Array(width);
  const square = new Float64Array(width);
  const useful = cases.filter(({ found, weight = 1 }) => found.length > 0 && weight > 0);
  const total = useful.reduce((sum, { weight = 1 }) => sum + weight, 0);
  for (let step = 1; step <= STEPS && useful.length > 0; step++) {
    const gradient = gradientOf(useful, weights);
    const rate = RATE * (1 - (step - 1) / STEPS);
    for (let i = 0; i < width; i++) {
      const slope = (gradient[i]! + RIDGE * (weights[i]! - begun[i]!)) / total;
      mean[i] = DECAY * mean[i]! + (1 - DECAY) * slope;
      square[i] = SQUARE_DECAY * square[i]! + (1 - SQUARE_DECAY) * slope ** 2;
      const size = Math.sqrt(square[i]! / (1 - SQUARE_DECAY ** step));
      weights[i] = weights[i]! - (rate * (mean[i]! / (1 - DECAY ** step))) / (size + 1e-12);
    }
  }
  return weights;
}

/** Scores of a table's candidates. */
export function scoresOf({ rows, values }: FeatureTable, weights: Float64Array): Float64Array {
  const width = weights.length;
  const scores = new Float64Array(rows.length);
  for (let at = 0; at < rows.length; at++) {
    let sum = 0;
    for (let i = 0; i < width; i++) sum += weights[i]! * values[at * width + i]!;
    scores[at] = sum;
  }
  return scores;
}

function gradientOf(cases: readonly LearningCase[], weights: Float64Array): Float64Array {
  const width = weights.length;
  const gradient = new Float64Array(width);
  for (const { features, found, weight = 1 } of cases) {
    const { values } = features;
    const chances = scoresOf(features, weights);
    let highest = Number.NEGATIVE_INFINITY;
    for (let at = 0; at < chances.length; at++) highest = Math.max(highest, chances[at]!);
    let total = 0;
    for (let at = 0; at < chances.length; at++) {
      chances[at] = Math.exp(chances[at]! - highest);
      total += chances[at]!;
    }
    for (let at = 0; at < chances.length; at++) {
      const chance = (weight * chances[at]!) / total;
      for (let i = 0; i < width; i++) gradient[i] = gradient[i]! + chance * values[at * width + i]!;
    }
    for (const at of found) {
      for (let i = 0; i < width; i++) gradient[i] = gradient[i]! - (weight * values[at * width + i]!) / found.length;
    }
  }
  return gradient;
}
