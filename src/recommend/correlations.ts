import { FEATURE_NAMES, type FeatureName, type SongFeatures } from './song-features.ts';

export interface Correlation {
  readonly a: FeatureName;
  readonly b: FeatureName;
  /** Pearson's, -1 to 1, over the songs that have both; 0 where one of them is the same everywhere. */
  readonly correlation: number;
  /** Songs that have both. */
  readonly songs: number;
}

/** Of every pair of features, the strongest first. The key is left out: an angle has no more and less. */
export function correlationsOf(songs: SongFeatures): Correlation[] {
  const names = FEATURE_NAMES.filter((name) => name !== 'key');
  return names
    .flatMap((a, at) => names.slice(at + 1).map((b) => correlate(songs, a, b)))
    .sort((x, y) => Math.abs(y.correlation) - Math.abs(x.correlation));
}

function correlate({ size, values }: SongFeatures, a: FeatureName, b: FeatureName): Correlation {
  const width = FEATURE_NAMES.length;
  const [placeA, placeB] = [FEATURE_NAMES.indexOf(a), FEATURE_NAMES.indexOf(b)];
  let [songs, meanA, meanB, squaresA, squaresB, products] = [0, 0, 0, 0, 0, 0];
  // Welford's way for both, so that nothing is lost where means are large beside deviations.
  for (let song = 0; song < size; song++) {
    const [x, y] = [values[song * width + placeA]!, values[song * width + placeB]!];
    if (Number.isNaN(x) || Number.isNaN(y)) continue;
    songs++;
    const [offA, offB] = [x - meanA, y - meanB];
    meanA += offA / songs;
    meanB += offB / songs;
    squaresA += offA * (x - meanA);
    squaresB += offB * (y - meanB);
    products += offA * (y - meanB);
  }
  const scale = Math.sqrt(squaresA * squaresB);
  return { a, b, songs, correlation: scale === 0 ? 0 : Math.max(-1, Math.min(1, products / scale)) };
}
