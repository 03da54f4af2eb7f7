import { seededRandom } from '../../src/base/random.ts';
import {
  FEATURE_NAMES,
  type FeatureValues,
  type SongFeatures,
  SongFeaturesBuilder,
} from '../../src/recommend/song-features.ts';
import type { Rows } from '../../src/vectors/nearest.ts';

/** A song of which only these features are known. */
export function songWith(known: Partial<FeatureValues>): FeatureValues {
  return Object.fromEntries(FEATURE_NAMES.map((name) => [name, known[name] ?? null])) as FeatureValues;
}

export function featuresOf(songs: readonly Partial<FeatureValues>[]): SongFeatures {
  const builder = new SongFeaturesBuilder();
  for (const song of songs) builder.add(songWith(song));
  return builder.finish();
}

/** Points around centres that are far from each other, `each` a centre, one centre's after another's. */
export function heaps(centres: readonly (readonly number[])[], each: number, spread = 0.1, seed = 5): Rows {
  const random = seededRandom(seed);
  const points = centres.flatMap((centre) =>
    Array.from({ length: each }, () => centre.map((value) => value + spread * (random() - 0.5))),
  );
  return { dimensions: centres[0]!.length, values: Float32Array.from(points.flat()) };
}
