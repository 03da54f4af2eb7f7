import { type Factors, type FactorsSettings, factorise, foldIn, strideOf } from '../../vectors/factors.ts';
import { indexVectors } from '../../vectors/search-index.ts';
import type { PlaylistMatrix } from '../playlist-matrix.ts';
import {
  excludedBy,
  type FitOptions,
  type Knowledge,
  NOTHING,
  type Recommender,
  type RecommenderKind,
} from '../recommender.ts';

/**
 * One setting for all: with absent .03, ridge .005 and exponent 1, NDCG@500 is .352 instead of .363 on the synthetic S, .200 instead of .197 on
 * the bundled playlists and .553 instead of .552 on listeners. 128 dimensions add .005 to .03 and take three times as long.
 */
export const FACTORS_DEFAULTS: FactorsSettings = {
  dimensions: 64,
  epochs: 12,
  steps: 3,
  absent: 0.05,
  ridge: 0.05,
  ridgeExponent: 0.5,
  seed: 1,
};

export const factors: RecommenderKind = {
  name: 'factors',
  summary: 'Songs near your own place among the hidden dimensions that explain all playlists.',
  fit: ({ playlists }, options) => fitFactors(playlists, FACTORS_DEFAULTS, options),
  open: async ({ playlists }, knowledge, options) => openFactors(playlists, knowledge, FACTORS_DEFAULTS, options),
};

/** Implicit alternating least squares. `tracks`: tracks x stride; `gram`: what folding in needs of all of them. */
export async function fitFactors(
  { starts, rows, holderStarts, holders }: PlaylistMatrix,
  settings: FactorsSettings,
  options: FitOptions,
): Promise<Knowledge> {
  const sides = [
    { starts, held: rows },
    { starts: holderStarts, held: holders },
  ] as const;
  const { tracks, gram } = await factorise(...sides, settings, options);
  return { tracks, gram };
}

/** Seeds are folded in as a playlist, and its vector is met with every track's. */
export function openFactors(
  { holderStarts }: PlaylistMatrix,
  { tracks, gram }: Knowledge,
  settings: FactorsSettings,
  options: FitOptions,
): Recommender {
  const stride = strideOf(settings.dimensions);
  const found: Factors = { stride, tracks: tracks as Float32Array, gram: gram as Float32Array };
  const index = indexVectors(found.tracks, stride, options);
  return {
    async candidates(question, k) {
      const { seeds } = question;
      const known = seeds.filter(({ row }) => holderStarts[row + 1]! > holderStarts[row]!);
      if (known.length === 0) return NOTHING;
      const excluded = excludedBy(question);
      const near = await index.nearest(foldIn(found, settings, known), { k: k + excluded.size, measure: 'dot' });
      const best = near.filter(({ row }) => !excluded.has(row)).slice(0, k);
      return { rows: Uint32Array.from(best, ({ row }) => row), scores: Float64Array.from(best, ({ score }) => score) };
    },
    close: () => index.close(),
  };
}
