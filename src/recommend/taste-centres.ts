import { dotOf, lengthOf, type Rows } from '../vectors/nearest.ts';
import type { SeedRow } from './recommender.ts';

/** Centres of taste: c x d, row-major, each of length 1. One mean of many tastes would lie where the listener never is. */
export interface TasteCentres {
  readonly values: Float64Array;
  readonly dimensions: number;
}

const MOST_CENTRES = 8;

/** On average so many songs a centre at least, so that a centre is a taste and not a song. */
const SONGS_PER_CENTRE = 4;

const ROUNDS = 20;

/**
 * At most eight centres of the listener's songs by spherical k-means (Dhillon and Modha 2001), weighted. The first centre
 * starts at the heaviest song, each other at the one farthest from all before, so that chance plays no part. Rows without a
 * vector are passed over.
 */
export function tasteCentres({ values, dimensions }: Rows, songs: readonly SeedRow[]): TasteCentres {
  const size = values.length / dimensions;
  const heard = songs
    .filter(({ row, weight }) => row < size && weight > 0)
    .map(({ row, weight }) => {
      const length = lengthOf(values, row * dimensions, dimensions);
      const vector = Float64Array.from(values.subarray(row * dimensions, (row + 1) * dimensions), (x) => x / length);
      return { row, weight, vector, length };
    })
    .filter(({ length }) => length > 0)
    .sort((a, b) => b.weight - a.weight || a.row - b.row);
  const count = Math.min(MOST_CENTRES, Math.ceil(heard.length / SONGS_PER_CENTRE));
  let centres = spreadOut(
    heard.map(({ vector }) => vector),
    count,
  );
  let nearestOf: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const nearest = heard.map(({ vector }) => nearestCentre(centres, vector));
    if (nearest.every((centre, at) => centre === nearestOf[at])) break;
    nearestOf = nearest;
    centres = centres.map((centre, at) => {
      const sum = new Float64Array(dimensions);
      for (const [song, { vector, weight }] of heard.entries()) {
        if (nearest[song] === at) for (let i = 0; i < dimensions; i++) sum[i]! += weight * vector[i]!;
      }
      const length = Math.hypot(...sum);
      return length > 0 ? sum.map((x) => x / length) : centre;
    });
  }
  const flat = new Float64Array(centres.length * dimensions);
  for (const [at, centre] of centres.entries()) flat.set(centre, at * dimensions);
  return { values: flat, dimensions };
}

/** 1 - cosine to the nearest centre, in 0..1 (1 from a right angle on); undefined for a row without a vector, or without centres. */
export function distanceFrom(centres: TasteCentres, { values, dimensions }: Rows): (row: number) => number | undefined {
  const each = Array.from({ length: centres.values.length / dimensions }, (_, at) =>
    centres.values.subarray(at * dimensions, (at + 1) * dimensions),
  );
  return (row) => {
    const length = (row + 1) * dimensions <= values.length ? lengthOf(values, row * dimensions, dimensions) : 0;
    if (length === 0 || each.length === 0) return undefined;
    const cosine = Math.max(...each.map((centre) => dotOf(values, row * dimensions, centre))) / length;
    return 1 - Math.max(0, Math.min(1, cosine));
  };
}

/** The first vector, then always the one whose nearest centre so far is farthest. */
function spreadOut(vectors: readonly Float64Array[], count: number): Float64Array[] {
  const centres = vectors.slice(0, Math.min(1, count));
  const nearest = new Float64Array(vectors.length).fill(Number.NEGATIVE_INFINITY);
  while (centres.length < count) {
    let farthest = 0;
    for (const [at, vector] of vectors.entries()) {
      nearest[at] = Math.max(nearest[at]!, dot(centres.at(-1)!, vector));
      if (nearest[at]! < nearest[farthest]!) farthest = at;
    }
    centres.push(vectors[farthest]!);
  }
  return centres;
}

function nearestCentre(centres: readonly Float64Array[], vector: Float64Array): number {
  const cosines = centres.map((centre) => dot(centre, vector));
  return cosines.indexOf(Math.max(...cosines));
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}
