import { type Catalogue, type CatalogueTrack, catalogueOver } from './catalogue.ts';
import { ColumnsBuilder } from './catalogue-columns.ts';
import { FEATURE_NAMES, type FeatureValues, type SongFeatures, SongFeaturesBuilder } from './song-features.ts';

/** A song as it comes with features. */
export interface FeaturedTrack extends CatalogueTrack {
  /** Of music/track.ts. */
  readonly recordingKey: string;
}

/** Songs that have features: those of a catalogue, and those that it does not have. */
export interface FeaturedSongs {
  /** Rows of the catalogue (n), rising; the first n songs of `features` are theirs. */
  readonly rows: Uint32Array;
  /** The songs of no playlist, in the order of their features; the last of `features` are theirs. */
  readonly cold: Catalogue;
  readonly features: SongFeatures;
  /** How the songs of the catalogue were found, and of how many given nothing was known. */
  readonly counts: { readonly id: number; readonly isrc: number; readonly recording: number; readonly empty: number };
}

/** By what a row's features were found: the surer way wins, the first of two alike. */
const WAYS = ['id', 'isrc', 'recording'] as const;

/**
 * Collects songs with features, one after the other, for a catalogue. A song whose track, ISRC or recording the catalogue has gives its features
 * to each row so found that has none from a surer way; one that the catalogue has nothing of is cold.
 */
export class FeaturedSongsBuilder {
  readonly #catalogue: Catalogue;
  /** By row of the catalogue: place in #found, and the way. -1: none. */
  readonly #placeOf: Int32Array;
  readonly #wayOf: Uint8Array;
  readonly #found = new SongFeaturesBuilder();
  readonly #coldFeatures = new SongFeaturesBuilder();
  readonly #coldTracks = new ColumnsBuilder();
  #empty = 0;

  constructor(catalogue: Catalogue) {
    this.#catalogue = catalogue;
    this.#placeOf = new Int32Array(catalogue.size).fill(-1);
    this.#wayOf = new Uint8Array(catalogue.size).fill(WAYS.length);
  }

  add(track: FeaturedTrack, values: FeatureValues): void {
    const rows = [
      this.#catalogue.rowOfId(track.id),
      this.#catalogue.rowOfIsrc(track.isrc ?? ''),
      this.#catalogue.rowOfRecording(track.recordingKey),
    ];
    if (rows.every((row) => row < 0)) {
      if (this.#coldFeatures.add(values)) this.#coldTracks.add(track);
      else this.#empty++;
      return;
    }
    const place = this.#found.size;
    if (!this.#found.add(values)) {
      this.#empty++;
      return;
    }
    for (const [way, row] of rows.entries()) {
      if (row < 0 || this.#wayOf[row]! <= way) continue;
      this.#wayOf[row] = way;
      this.#placeOf[row] = place;
    }
  }

  /** Nothing can be added afterwards. */
  finish(): FeaturedSongs {
    const [found, cold] = [this.#found.finish(), this.#coldFeatures.finish()];
    const rows = Uint32Array.from(this.#placeOf.keys()).filter((row) => this.#placeOf[row]! >= 0);
    const waysUsed = WAYS.map((_, way) => rows.reduce((sum, row) => sum + (this.#wayOf[row] === way ? 1 : 0), 0));
    const width = FEATURE_NAMES.length;
    const values = new Float32Array((rows.length + cold.size) * width);
    for (const [at, row] of rows.entries()) {
      const from = this.#placeOf[row]! * width;
      values.set(found.values.subarray(from, from + width), at * width);
    }
    values.set(cold.values, rows.length * width);
    return {
      rows,
      cold: catalogueOver(this.#coldTracks.finish()),
      features: { size: rows.length + cold.size, values },
      counts: { id: waysUsed[0]!, isrc: waysUsed[1]!, recording: waysUsed[2]!, empty: this.#empty },
    };
  }
}

/** Rows of all songs that have features, in the order of `features`: those of the catalogue, and after its end one for each cold song. */
export function rowsWithCold({ rows, cold }: FeaturedSongs, catalogueSize: number): Uint32Array {
  const all = new Uint32Array(rows.length + cold.size);
  all.set(rows);
  for (let at = 0; at < cold.size; at++) all[rows.length + at] = catalogueSize + at;
  return all;
}
