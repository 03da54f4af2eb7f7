import { type FactorsSettings, factorise } from '../../vectors/factors.ts';
import { indexVectors } from '../../vectors/search-index.ts';
import type { PlaylistMatrix } from '../playlist-matrix.ts';
import { type FitOptions, NOTHING, type Recommender, type RecommenderKind } from '../recommender.ts';

export const FACTORS_DEFAULTS: FactorsSettings = {
  dimensions: 64,
  epochs: 12,
  steps: 3,
  absent: 0.03,
  ridge: 0.005,
  ridgeExponent: 1,
  seed: 1,
};

export const factors: RecommenderKind = {
  name: 'factors',
  summary: 'Songs near your own place among the hidden dimensions that explain all playlists.',
  fit: ({ playlists }, options) => fitFactors(playlists, FACTORS_DEFAULTS, options),
};

/** Implicit alternating least squares: seeds are folded in as a playlist, and its vector is met with every track's. */
export async function fitFactors(
  matrix: PlaylistMatrix,
  settings: FactorsSettings,
  options: FitOptions,
): Promise<Recommender> {
  const { starts, rows, holderStarts, holders } = matrix;
  const found = await factorise({ starts, held: rows }, { starts: holderStarts, held: holders }, settings, options);
  const index = indexVectors(found.tracks, found.stride, options);
  return {
    async candidates({ seeds }, k) {
      const known = seeds.filter(({ row }) => holderStarts[row + 1]! > holderStarts[row]!);
      if (known.length === 0) return NOTHING;
      const isSeed = new Set(seeds.map(({ row }) => row));
      const near = await index.nearest(found.foldIn(known), { k: k + isSeed.size, measure: 'dot' });
      const best = near.filter(({ row }) => !isSeed.has(row)).slice(0, k);
      return { rows: Uint32Array.from(best, ({ row }) => row), scores: Float64Array.from(best, ({ score }) => score) };
    },
    close: () => index.close(),
  };
}
