import { dotOf, lengthOf, type Rows } from '../vectors/nearest.ts';

export interface NearestSeed {
  /** Row of the seed. */
  readonly seed: number;
  /** Cosine between the two in [-1, 1]. */
  readonly similarity: number;
}

/** Cosine of two rows in [-1, 1]; undefined where one has no vector. */
export function similarityOf({ values, dimensions }: Rows, a: number, b: number): number | undefined {
  const size = values.length / dimensions;
  if (a >= size || b >= size) return undefined;
  const scale = lengthOf(values, a * dimensions, dimensions) * lengthOf(values, b * dimensions, dimensions);
  if (scale === 0) return undefined;
  const vector = Float64Array.from(values.subarray(b * dimensions, (b + 1) * dimensions));
  return Math.max(-1, Math.min(1, dotOf(values, a * dimensions, vector) / scale));
}

/**
 * Says which of the seeds a row's vector is most like: by cosine alone, whatever their weights, since "the two stand in
 * similar playlists" must hold of the seed that is named. Undefined where there is no seed, or the row has no vector.
 */
export function nearestSeedFinder(vectors: Rows, seeds: readonly number[]): (row: number) => NearestSeed | undefined {
  const { values, dimensions } = vectors;
  const size = values.length / dimensions;
  const known = seeds
    .filter((row) => row < size)
    .map((row) => ({
      row,
      vector: Float64Array.from(values.subarray(row * dimensions, (row + 1) * dimensions)),
      length: lengthOf(values, row * dimensions, dimensions),
    }));
  return (row) => {
    if (row >= size || known.length === 0) return undefined;
    const length = lengthOf(values, row * dimensions, dimensions);
    let seed = known[0]!.row;
    let similarity = Number.NEGATIVE_INFINITY;
    for (const each of known) {
      const scale = length * each.length;
      const dot = dotOf(values, row * dimensions, each.vector);
      const cosine = scale === 0 ? 0 : Math.max(-1, Math.min(1, dot / scale));
      if (cosine <= similarity) continue;
      seed = each.row;
      similarity = cosine;
    }
    return { seed, similarity };
  };
}
