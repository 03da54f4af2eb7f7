// Metrics of playlist continuation. G: the hidden tracks, a set; R: the recommended ones, best first, no repeats.

/** Recommendations that are looked at; the RecSys Challenge 2018 asks for 500. */
export const DEPTH = 500;

/**
 * R-precision: |G ∩ R[1..|G|]| / |G|. RecSys Challenge 2018 as its rules print it; the figures around 0.22 that teams
 * published add a quarter for a right artist (reference of the formula: "RecSys Challenge 2018", Zamani et al., arXiv
 * 1810.01520).
 */
export function rPrecision<T>(recommended: readonly T[], hidden: ReadonlySet<T>): number {
  if (hidden.size === 0) return 0;
  return recommended.slice(0, hidden.size).filter((track) => hidden.has(track)).length / hidden.size;
}

/**
 * NDCG@500: sum over hits at rank i of 1 / log2(i + 1), over the same sum for min(|G|, 500) hits at the top (Järvelin and
 * Kekäläinen 2002). The challenge's rules print log2(i) and an ideal of |G ∩ R| instead, which gives other numbers.
 */
export function ndcg<T>(recommended: readonly T[], hidden: ReadonlySet<T>, depth = DEPTH): number {
  let gain = 0;
  for (const [at, track] of recommended.slice(0, depth).entries()) {
    if (hidden.has(track)) gain += 1 / Math.log2(at + 2);
  }
  let ideal = 0;
  for (let at = 0; at < Math.min(hidden.size, depth); at++) ideal += 1 / Math.log2(at + 2);
  return ideal === 0 ? 0 : gain / ideal;
}

/**
 * Recommended songs clicks: how often a person has to ask for ten more until one fits: floor((rank of the first hit - 1) /
 * 10), 51 where none of 500 does. RecSys Challenge 2018.
 */
export function clicks<T>(recommended: readonly T[], hidden: ReadonlySet<T>): number {
  const first = recommended.slice(0, DEPTH).findIndex((track) => hidden.has(track));
  return first < 0 ? DEPTH / 10 + 1 : Math.floor(first / 10);
}

/** One playlist of which some tracks are shown and the others are to be found. */
export interface ContinuationCase<T> {
  readonly seeds: readonly T[];
  readonly hidden: ReadonlySet<T>;
}

export interface Scores {
  readonly rPrecision: number;
  readonly ndcg: number;
  readonly clicks: number;
}

/** The scores of one answer. */
export function judge<T>(recommended: readonly T[], hidden: ReadonlySet<T>): Scores {
  return {
    rPrecision: rPrecision(recommended, hidden),
    ndcg: ndcg(recommended, hidden),
    clicks: clicks(recommended, hidden),
  };
}

/** Means over all cases, as the challenge takes them. */
export function meanScores(scores: readonly Scores[]): Scores & { readonly cases: number } {
  const mean = (metric: keyof Scores) =>
    scores.reduce((sum, score) => sum + score[metric], 0) / Math.max(1, scores.length);
  return { cases: scores.length, rPrecision: mean('rPrecision'), ndcg: mean('ndcg'), clicks: mean('clicks') };
}

/** Share of the hidden tracks among the first `depth`. */
export function recallAt<T>(recommended: readonly T[], hidden: ReadonlySet<T>, depth: number): number {
  return hidden.size === 0 ? 0 : recommended.slice(0, depth).filter((track) => hidden.has(track)).length / hidden.size;
}
