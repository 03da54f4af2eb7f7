import type { Rows } from '../vectors/nearest.ts';
import { type ArtistFamiliarity, artistKeys } from './artist-familiarity.ts';
import type { CatalogueTrack } from './catalogue.ts';

/** What the dials are there to move; null where the edition has too few songs to say. */
export interface EditionMeasures {
  /** Bits: mean of -log2 of the share of playlists that hold a song (Vargas and Castells 2011). A song in one of 1,024 has 10. */
  readonly novelty: number | null;
  /** 1 - mean cosine of all pairs that have vectors; 0: all alike. Intra-list diversity of Ziegler et al. 2005. */
  readonly variety: number | null;
  /** Median share of the catalogue that is less popular than the song, 0..1; equals count half. */
  readonly popularity: number | null;
  /** Share of the edition's primary artists that the listener never played, 0..1. */
  readonly unheardArtists: number | null;
}

export interface MeasuredSong {
  readonly row: number;
  readonly track: Pick<CatalogueTrack, 'artists'>;
}

/** What an edition is measured by. */
export interface MeasuringWorld {
  readonly vectors: Rows;
  /** Playlists there are. */
  readonly playlists: number;
  /** Playlists that hold each row (n). */
  readonly holders: Uint32Array;
  readonly artists: Pick<ArtistFamiliarity, 'knows'>;
}

/** The measures of an edition; its order does not matter. */
export function describeEdition(items: readonly MeasuredSong[], world: MeasuringWorld): EditionMeasures {
  const { vectors, playlists, holders, artists } = world;
  const rows = items.map(({ row }) => row);
  const bits = rows.map((row) => Math.log2(playlists / Math.max(1, holders[row] ?? 0)));
  const primary = new Set(items.flatMap(({ track }) => artistKeys(track.artists.slice(0, 1))));
  const unheard = [...primary].filter((artist) => !artists.knows([artist]));
  return {
    novelty: mean(bits),
    variety: varietyOf(rows, vectors),
    popularity: median(rows.map(percentilesBy(holders))),
    unheardArtists: primary.size === 0 ? null : unheard.length / primary.size,
  };
}

/**
 * The measures in words, with those of the neutral dials where given: "novelty 11.2 bits (10.4 without the dials), variety .62
 * (.55), more popular than 88 % of all songs (92 %), 40 % of artists never played (20 %)".
 */
export function describeMeasures(chosen: EditionMeasures, neutral?: EditionMeasures): string {
  let isFirst = true;
  const parts = PHRASES.flatMap(([measure, show, phrase]) => {
    const value = chosen[measure];
    if (value === null) return [];
    const other = neutral?.[measure] ?? null;
    const aside = other === null ? '' : ` (${show(other)}${isFirst ? ' without the dials' : ''})`;
    isFirst = false;
    return [`${phrase(show(value))}${aside}`];
  });
  return parts.join(', ');
}

const percent = (share: number) => `${Math.round(100 * share)} %`;
const hundredths = (value: number) => value.toFixed(2).replace(/^(-?)0\./, '$1.');

const PHRASES: readonly [keyof EditionMeasures, (value: number) => string, (shown: string) => string][] = [
  ['novelty', (bits) => bits.toFixed(1), (shown) => `novelty ${shown} bits`],
  ['variety', hundredths, (shown) => `variety ${shown}`],
  ['popularity', percent, (shown) => `more popular than ${shown} of all songs`],
  ['unheardArtists', percent, (shown) => `${shown} of artists never played`],
];

/** By the length of the sum of unit vectors: |sum|^2 is n and twice the cosine of every pair. */
function varietyOf(rows: readonly number[], { values, dimensions }: Rows): number | null {
  const sum = new Float64Array(dimensions);
  let n = 0;
  for (const row of rows) {
    const vector = values.subarray(row * dimensions, (row + 1) * dimensions);
    const length = Math.hypot(...vector);
    if (length === 0) continue;
    for (let i = 0; i < dimensions; i++) sum[i]! += vector[i]! / length;
    n++;
  }
  const squares = sum.reduce((total, value) => total + value * value, 0);
  return n < 2 ? null : 1 - (squares - n) / (n * (n - 1));
}

/** Two million numbers take .2 s to sort. */
const inOrder = new WeakMap<Uint32Array, Uint32Array>();

/** Says which share of all rows have fewer holders than one, those with as many counted half. */
function percentilesBy(holders: Uint32Array): (row: number) => number {
  const rising = inOrder.get(holders) ?? holders.toSorted();
  inOrder.set(holders, rising);
  const countBelow = (limit: number) => {
    let low = 0;
    let high = rising.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (rising[middle]! >= limit) high = middle;
      else low = middle + 1;
    }
    return low;
  };
  return (row) => {
    const own = holders[row] ?? 0;
    return (countBelow(own) + countBelow(own + 1)) / 2 / Math.max(1, rising.length);
  };
}

function mean(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
}

function median(values: readonly number[]): number | null {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  if (sorted.length === 0) return null;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
