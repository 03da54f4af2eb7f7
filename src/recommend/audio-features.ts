import { FEATURE_NAMES, type FeatureName, placeOf, type SongFeatures } from './song-features.ts';

/** Songs that have audio features, as points. */
export interface FeatureMatrix {
  /** Their rows in the catalogue (n), rising. */
  readonly rows: Uint32Array;
  readonly dimensions: number;
  /** n x d, row-major: the columns of FEATURE_COLUMNS, standardised; 0, the mean, where unknown. */
  readonly values: Float32Array;
  readonly scale: FeatureScale;
}

/** Mean and deviation of each column (d) over the songs that have it, and how many have it not. */
export interface FeatureScale {
  readonly means: Float64Array;
  readonly deviations: Float64Array;
  readonly missing: Uint32Array;
}

export interface FeatureColumn {
  readonly name: string;
  /** The feature that it speaks of; the columns of one share its weight. */
  readonly feature: FeatureName;
  /** Of the song whose values start at `at`; NaN where unknown. */
  readonly of: (values: Float32Array, at: number) => number;
}

/** Semitones from a minor key up to the major key of the same notes. */
const TO_RELATIVE_MAJOR = 3;

/** Weights other than 1. docs/decisions/0020-audio-features-as-points.md measures them, the roots and the two ways of tempo. */
const FEATURE_WEIGHTS: { readonly [name in FeatureName]?: number } = { liveness: 0.25, key: 0.25, mode: 0.25 };

const plain = (name: FeatureName): FeatureColumn => ({
  name,
  feature: name,
  of: (values, at) => values[at + placeOf(name)]!,
});

const fourthRoot = (name: FeatureName): FeatureColumn => ({
  name,
  feature: name,
  of: (values, at) => values[at + placeOf(name)]! ** 0.25,
});

/**
 * The columns of a song's point, before standardising:
 * - danceability, energy, loudness (dB), valence: as they are;
 * - speechiness, acousticness, instrumentalness, liveness: their fourth root. Most songs have next to nothing of them: of instrumentalness
 *   half have less than .00002 and a tenth more than .4, which as they are would outweigh all else;
 * - tempo: log2 of the BPM, so that 60 to 66 is as far as 120 to 132; and where in its octave it lies, cos and sin of
 *   2 pi log2(BPM), since 70 and 140 BPM are often one beat counted in two ways (src/corpus/reccobeats.ts);
 * - key: cos and sin of 2 pi p / 12, p the place of its notes on the circle of fifths, 7 x pitch class mod 12, of a minor
 *   key those of its relative major: neighbours share six of seven notes, and a key swapped with its relative is no error;
 * - mode: 1 major, 0 minor.
 * In the matrix each is (value - mean) / deviation x (weight of the feature / its number of columns)^.5.
 */
export const FEATURE_COLUMNS: readonly FeatureColumn[] = [
  plain('danceability'),
  plain('energy'),
  plain('loudness'),
  fourthRoot('speechiness'),
  fourthRoot('acousticness'),
  fourthRoot('instrumentalness'),
  fourthRoot('liveness'),
  plain('valence'),
  { name: 'tempo', feature: 'tempo', of: (values, at) => Math.log2(values[at + placeOf('tempo')]!) },
  { name: 'tempo cos', feature: 'tempo', of: (values, at) => Math.cos(octaveAngle(values, at)) },
  { name: 'tempo sin', feature: 'tempo', of: (values, at) => Math.sin(octaveAngle(values, at)) },
  { name: 'key cos', feature: 'key', of: (values, at) => Math.cos(keyAngle(values, at)) },
  { name: 'key sin', feature: 'key', of: (values, at) => Math.sin(keyAngle(values, at)) },
  plain('mode'),
];

function octaveAngle(values: Float32Array, at: number): number {
  return 2 * Math.PI * Math.log2(values[at + placeOf('tempo')]!);
}

function keyAngle(values: Float32Array, at: number): number {
  return (2 * Math.PI * fifthsOf(values[at + placeOf('key')]!, values[at + placeOf('mode')]!)) / 12;
}

/** Place of a key's notes on the circle of fifths, 0 = C major and A minor. A key without a mode is taken as major, as more than half are. */
export function fifthsOf(key: number, mode: number): number {
  return (7 * (mode === 0 ? key + TO_RELATIVE_MAJOR : key)) % 12;
}

/** Factor of a standardised column in the matrix. */
export function columnWeight({ feature }: FeatureColumn): number {
  const columns = FEATURE_COLUMNS.filter((column) => column.feature === feature).length;
  return Math.sqrt((FEATURE_WEIGHTS[feature] ?? 1) / columns);
}

/**
 * Points of songs: each column to mean 0 and deviation 1 over all songs that have it, then weighted; a column that is the
 * same everywhere says nothing and is 0. `rows`: the catalogue's row of each song, rising.
 */
export function standardise(songs: SongFeatures, rows: Uint32Array): FeatureMatrix {
  const width = FEATURE_NAMES.length;
  const d = FEATURE_COLUMNS.length;
  const values = new Float32Array(songs.size * d);
  const scale = scaleOf(songs);
  for (const [column, { of }] of FEATURE_COLUMNS.entries()) {
    const mean = scale.means[column]!;
    const deviation = scale.deviations[column]!;
    const factor = deviation > 0 ? columnWeight(FEATURE_COLUMNS[column]!) / deviation : 0;
    for (let song = 0; song < songs.size; song++) {
      const value = of(songs.values, song * width);
      values[song * d + column] = Number.isNaN(value) ? 0 : (value - mean) * factor;
    }
  }
  return { rows, dimensions: d, values, scale };
}

/** Rounding leaves deviations of this size where all values are the same. */
const NO_DEVIATION = 1e-6;

function scaleOf({ size, values }: SongFeatures): FeatureScale {
  const width = FEATURE_NAMES.length;
  const [means, deviations] = [new Float64Array(FEATURE_COLUMNS.length), new Float64Array(FEATURE_COLUMNS.length)];
  const missing = new Uint32Array(FEATURE_COLUMNS.length);
  for (const [column, { of }] of FEATURE_COLUMNS.entries()) {
    let [known, mean, squares] = [0, 0, 0];
    // Welford 1962: exact where the mean is large beside the deviation.
    for (let song = 0; song < size; song++) {
      const value = of(values, song * width);
      if (Number.isNaN(value)) continue;
      known++;
      const off = value - mean;
      mean += off / known;
      squares += off * (value - mean);
    }
    means[column] = mean;
    const deviation = known === 0 ? 0 : Math.sqrt(squares / known);
    deviations[column] = deviation > NO_DEVIATION ? deviation : 0;
    missing[column] = size - known;
  }
  return { means, deviations, missing };
}

/** The place of a row among rising ones, or -1. */
export function placesByRow(rows: Uint32Array): (row: number) => number {
  return (row) => {
    let [low, high] = [0, rows.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (rows[middle]! < row) low = middle + 1;
      else high = middle;
    }
    return rows[low] === row ? low : -1;
  };
}
