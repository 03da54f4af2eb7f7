import type { Ranking } from './recommender.ts';

/** What a listener may turn; both from 0 to 1. */
export interface Dials {
  /** 0: artists the listener knows well, .5: as the ranking says, 1: artists and corners of the catalogue never heard. */
  readonly adventurousness: number;
  /** 0: as the ranking says, 1: as unlike one another as the candidates are. */
  readonly variety: number;
}

/** Both dials where they change nothing. */
export const NEUTRAL: Dials = { adventurousness: 0.5, variety: 0 };

/** From this place on candidates stand alike. Fixed, so that a candidate's standing does not depend on how many there are. */
export const LAST_STANDING = 5000;

/**
 * What a place in a ranking is worth: 1 - log(place) / log(5000), place counted from 1; 0 from the 5,000th on. Scores of
 * two recommenders cannot be compared, and one high score would push all others together; places know neither.
 */
export function standing(place: number): number {
  return Math.max(0, 1 - Math.log(place) / Math.log(LAST_STANDING));
}

// The artist counts twice as much as the vector. Three times newness: at either end an artist never heard and one known
// well then lie 3 x (2/3 - 1/3) = 1 apart whatever their vectors, which is all that standing can make up for.
const ARTIST_SHARE = 2 / 3;
const GAIN = 3;

/** A vector that is not known is neither near nor far. */
const UNKNOWN_DISTANCE = 0.5;

export interface Newness {
  /** How well the listener knows the artists of a row, 0..1 (artist-familiarity.ts). */
  readonly familiarityOf: (row: number) => number;
  /** How far a row lies from all the listener hears, 0..1 (taste-centres.ts); undefined where unknown. */
  readonly distanceOf: (row: number) => number | undefined;
}

/**
 * The ranking as the dial of adventurousness a wants it: score = standing + 3 (2a - 1) (newness - 1/2), newness = 2/3 (1 -
 * familiarity) + 1/3 distance. Turned up, the mean newness of the first k never falls, for any k. Unchanged at .5. `turned` says
 * what it went by: `ranked` (the score before), `familiarity` and `distance`.
 */
export function turnAdventurousness(ranking: Ranking, adventurousness: number, newness: Newness): Ranking {
  if (adventurousness === NEUTRAL.adventurousness) return ranking;
  const turned = Array.from(ranking.rows, (row, at) => {
    const familiarity = newness.familiarityOf(row);
    const distance = newness.distanceOf(row) ?? UNKNOWN_DISTANCE;
    const isNew = ARTIST_SHARE * (1 - familiarity) + (1 - ARTIST_SHARE) * distance;
    const score = standing(at + 1) + GAIN * (2 * adventurousness - 1) * (isNew - 0.5);
    return { at, row, score, familiarity, distance };
  }).sort((a, b) => b.score - a.score || a.at - b.at);
  const reordered = <Column extends Float64Array | Uint32Array>(columns: { readonly [name: string]: Column }) =>
    Object.fromEntries(
      Object.entries(columns).map(([name, values]) => [name, values.map((_, place) => values[turned[place]!.at]!)]),
    ) as { [name: string]: Column };
  return {
    ...ranking,
    rows: Uint32Array.from(turned, ({ row }) => row),
    scores: Float64Array.from(turned, ({ score }) => score),
    ...(ranking.places && { places: reordered(ranking.places) }),
    ...(ranking.features && { features: reordered(ranking.features) }),
    parts: reordered(ranking.parts ?? {}),
    turned: {
      ranked: reordered({ ranked: ranking.scores }).ranked!,
      familiarity: Float64Array.from(turned, ({ familiarity }) => familiarity),
      distance: Float64Array.from(turned, ({ distance }) => distance),
    },
  };
}
