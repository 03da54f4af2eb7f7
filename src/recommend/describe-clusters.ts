import { columnWeight, FEATURE_COLUMNS } from './audio-features.ts';
import type { FeatureName } from './song-features.ts';

/** What one says of songs that have little or much of a feature. A key is neither. */
const WORDS: { readonly [name in FeatureName]?: readonly [little: string, much: string] } = {
  danceability: ['hard to dance to', 'danceable'],
  energy: ['low energy', 'high energy'],
  loudness: ['quiet', 'loud'],
  speechiness: ['few words', 'many words'],
  acousticness: ['electric', 'acoustic'],
  instrumentalness: ['vocal', 'instrumental'],
  liveness: ['studio', 'live'],
  valence: ['sad', 'cheerful'],
  tempo: ['slow', 'fast'],
  mode: ['minor', 'major'],
};

/** By how much a group of songs differs from all in one feature. */
export interface FeatureTrait {
  readonly feature: FeatureName;
  /** Of the mean from that of all songs, in deviations. */
  readonly deviations: number;
  /** "high energy". */
  readonly words: string;
}

/** Half a deviation is what one hears of a group (Cohen 1988 calls .5 a medium effect). */
const STRONG = 0.5;
const MOST_WORDS = 4;

/** The features in which a centre (d values of the matrix) differs from the mean of all songs, the strongest first. */
export function traitsOf(centre: ArrayLike<number>): FeatureTrait[] {
  return FEATURE_COLUMNS.flatMap((column, at): FeatureTrait[] => {
    const words = WORDS[column.feature];
    // Of the columns of tempo only the first is more or less of it.
    if (words === undefined || column.name !== column.feature) return [];
    const deviations = centre[at]! / columnWeight(column);
    return [{ feature: column.feature, deviations, words: words[deviations < 0 ? 0 : 1] }];
  }).sort((a, b) => Math.abs(b.deviations) - Math.abs(a.deviations));
}

/** A group in words by its strongest traits: "high energy, fast, minor". */
export function describeCentre(centre: ArrayLike<number>): string {
  const strong = traitsOf(centre).filter(({ deviations }) => Math.abs(deviations) >= STRONG);
  if (strong.length === 0) return 'like most songs';
  return strong
    .slice(0, MOST_WORDS)
    .map(({ words }) => words)
    .join(', ');
}
