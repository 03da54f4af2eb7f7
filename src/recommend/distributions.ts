import { FEATURE_NAMES, type FeatureName, type SongFeatures } from './song-features.ts';

/** Shares of the songs that lie below each of a distribution's quantiles. */
export const QUANTILES = [0, 0.05, 0.25, 0.5, 0.75, 0.95, 1] as const;

/** How a feature is spread over songs, in its own unit. */
export interface Distribution {
  readonly feature: FeatureName;
  /** Songs of which it is known, and not. */
  readonly known: number;
  readonly missing: number;
  /** NaN where no song has it, as the deviation. */
  readonly mean: number;
  readonly deviation: number;
  /** At QUANTILES, between two values in proportion (type 7 of Hyndman and Fan 1996). */
  readonly quantiles: readonly number[];
  /** Counts of equal bins from `from` to `to`, the last one with its end; beyond them values count in the outermost. */
  readonly histogram: { readonly from: number; readonly to: number; readonly counts: readonly number[] };
}

const BINS = 20;
const SHARE = { from: 0, to: 1, bins: BINS };
/** Of keys and modes a bin is one value. */
const HISTOGRAMS: { readonly [name in FeatureName]?: { from: number; to: number; bins: number } } = {
  loudness: { from: -30, to: 0, bins: BINS },
  tempo: { from: 40, to: 220, bins: 18 },
  key: { from: -0.5, to: 11.5, bins: 12 },
  mode: { from: -0.5, to: 1.5, bins: 2 },
};

/** One for each feature, in their order. */
export function distributionsOf({ size, values }: SongFeatures): Distribution[] {
  const width = FEATURE_NAMES.length;
  return FEATURE_NAMES.map((feature, place) => {
    const all = Float64Array.from({ length: size }, (_, song) => values[song * width + place]!);
    const known = all.filter((value) => !Number.isNaN(value)).sort();
    const mean = known.reduce((sum, value) => sum + value, 0) / known.length;
    const squares = known.reduce((sum, value) => sum + (value - mean) ** 2, 0);
    return {
      feature,
      known: known.length,
      missing: size - known.length,
      mean,
      deviation: Math.sqrt(squares / known.length),
      quantiles: known.length === 0 ? [] : QUANTILES.map((share) => quantile(known, share)),
      histogram: histogramOf(known, HISTOGRAMS[feature] ?? SHARE),
    };
  });
}

/** `sorted`: at least one. */
export function quantile(sorted: Float64Array, share: number): number {
  const at = share * (sorted.length - 1);
  const below = sorted[Math.floor(at)]!;
  return below + (at - Math.floor(at)) * (sorted[Math.ceil(at)]! - below);
}

function histogramOf(values: Float64Array, { from, to, bins }: { from: number; to: number; bins: number }) {
  const counts: number[] = Array(bins).fill(0);
  for (const value of values) {
    const bin = Math.floor(((value - from) / (to - from)) * bins);
    counts[Math.max(0, Math.min(bins - 1, bin))]!++;
  }
  return { from, to, counts };
}
