/** Audio features as they are looked at here, in this order. The time signature is left out: nine songs in ten are in 4. */
export const FEATURE_NAMES = [
  'danceability',
  'energy',
  'loudness',
  'speechiness',
  'acousticness',
  'instrumentalness',
  'liveness',
  'valence',
  'tempo',
  'key',
  'mode',
] as const;
export type FeatureName = (typeof FEATURE_NAMES)[number];

/**
 * One song's features in Spotify's units, null where unknown: shares of 0 to 1; loudness in dB, about -60 to 0; tempo in BPM;
 * key as a pitch class, 0 = C to 11 = B; mode 1 major, 0 minor.
 */
export type FeatureValues = { readonly [name in FeatureName]: number | null };

/** Units for people; shares have none. */
export const FEATURE_UNITS: { readonly [name in FeatureName]?: string } = { loudness: 'dB', tempo: 'BPM' };

/** Features of many songs: n x 11, row-major, columns as FEATURE_NAMES; NaN where unknown. Two million take 88 MB. */
export interface SongFeatures {
  readonly size: number;
  readonly values: Float32Array;
}

const WIDTH = FEATURE_NAMES.length;

/** Where a feature stands in a song's values. */
export function placeOf(name: FeatureName): number {
  return FEATURE_NAMES.indexOf(name);
}

/** Collects songs one after the other. What is outside its range (a key of -1, a tempo of 0: "none found") is unknown. */
export class SongFeaturesBuilder {
  #values = new Float32Array(1024 * WIDTH);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** Takes the song if anything is known of it; says whether it did. */
  add(song: FeatureValues): boolean {
    const at = this.#size * WIDTH;
    if (at === this.#values.length) {
      const larger = new Float32Array(at * 2);
      larger.set(this.#values);
      this.#values = larger;
    }
    let isKnown = false;
    for (const [place, name] of FEATURE_NAMES.entries()) {
      const value = usable(name, song[name]);
      this.#values[at + place] = value;
      isKnown ||= !Number.isNaN(value);
    }
    if (isKnown) this.#size++;
    return isKnown;
  }

  /** Nothing can be added afterwards. */
  finish(): SongFeatures {
    return { size: this.#size, values: this.#values.subarray(0, this.#size * WIDTH) };
  }
}

/** Least and greatest value of what is no share of 0 to 1. */
const RANGES: { readonly [name in FeatureName]?: readonly [number, number] } = {
  loudness: [-100, 20],
  tempo: [1, 1000],
  key: [0, 11],
};

function usable(name: FeatureName, value: number | null): number {
  if (value === null || !Number.isFinite(value)) return Number.NaN;
  const [least, most] = RANGES[name] ?? [0, 1];
  return value >= least && value <= most ? value : Number.NaN;
}

/** The features of song `at`. */
export function valuesAt({ values }: SongFeatures, at: number): FeatureValues {
  const song = FEATURE_NAMES.map((name, place) => {
    const value = values[at * WIDTH + place]!;
    return [name, Number.isNaN(value) ? null : value];
  });
  return Object.fromEntries(song) as FeatureValues;
}
