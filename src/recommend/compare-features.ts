import { FEATURE_COLUMNS, type FeatureMatrix, fifthsOf } from './audio-features.ts';
import { FEATURE_NAMES, FEATURE_UNITS, type FeatureName, type FeatureValues } from './song-features.ts';

/** One feature of two songs. */
export interface FeatureDifference {
  readonly feature: FeatureName;
  readonly a: number;
  readonly b: number;
  /**
   * How far they are apart, 0 or more: shares as they are, loudness in dB, tempo in BPM, mode 0 or 1; of keys the steps on the
   * circle of fifths between their notes, 0 to 6 (C major and A minor: 0).
   */
  readonly apart: number;
  /** `dB`, `BPM`, `fifths`, or nothing. */
  readonly unit: string;
  /** Of tempo: one is nearer to the double or the half of the other, which is often the same beat counted otherwise. */
  readonly isOctaveApart?: boolean;
}

/** How far two songs are apart, feature by feature, in each one's own unit; features that one of them lacks are left out. */
export function compareFeatures(a: FeatureValues, b: FeatureValues): FeatureDifference[] {
  return FEATURE_NAMES.flatMap((feature): FeatureDifference[] => {
    const [valueA, valueB] = [a[feature], b[feature]];
    if (valueA === null || valueB === null) return [];
    const difference = { feature, a: valueA, b: valueB, apart: Math.abs(valueA - valueB) };
    if (feature === 'key') {
      const steps = Math.abs(fifthsOf(valueA, a.mode ?? 1) - fifthsOf(valueB, b.mode ?? 1));
      return [{ ...difference, apart: Math.min(steps, 12 - steps), unit: 'fifths' }];
    }
    const unit = FEATURE_UNITS[feature] ?? '';
    if (feature !== 'tempo') return [{ ...difference, unit }];
    const octaves = Math.abs(Math.log2(valueA / valueB));
    return [{ ...difference, unit, isOctaveApart: Math.round(octaves) > 0 }];
  });
}

/** By how much a feature keeps two songs of a matrix apart. */
export interface FeatureDistance {
  readonly feature: FeatureName;
  /** In weighted deviations; squared they add up to the squared distance of the two. */
  readonly distance: number;
}

/** What keeps two songs apart, the most important feature first. `a`, `b`: their places in the matrix. */
export function distancesByFeature(
  { dimensions, values }: Pick<FeatureMatrix, 'dimensions' | 'values'>,
  a: number,
  b: number,
): FeatureDistance[] {
  const squares = new Map<FeatureName, number>();
  for (const [column, { feature }] of FEATURE_COLUMNS.entries()) {
    const off = values[a * dimensions + column]! - values[b * dimensions + column]!;
    squares.set(feature, (squares.get(feature) ?? 0) + off * off);
  }
  return Array.from(squares, ([feature, square]) => ({ feature, distance: Math.sqrt(square) })).sort(
    (x, y) => y.distance - x.distance,
  );
}
