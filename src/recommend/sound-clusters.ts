import { type FeatureMatrix, placesByRow } from './audio-features.ts';
import { type ClusterOptions, findClusters } from './clusters.ts';

/** Corners of sound that a variety of songs is spread over: songs fill one cloud (docs/decisions/0020), so more corners say no more. */
const CLUSTERS = 8;

/** Fewer songs than these for each cluster would be no corner but songs. */
const SONGS_PER_CLUSTER = 4;

/** The cluster by sound of each of these rows; undefined for rows without features, and where too few of them have any. */
export async function clustersBySound(
  features: FeatureMatrix,
  rows: Uint32Array,
  options: ClusterOptions = {},
): Promise<(row: number) => number | undefined> {
  const { dimensions, values } = features;
  const placeOf = placesByRow(features.rows);
  const known = rows.filter((row) => placeOf(row) >= 0);
  const k = Math.min(CLUSTERS, Math.floor(known.length / SONGS_PER_CLUSTER));
  if (k < 2) return () => undefined;
  const points = new Float32Array(known.length * dimensions);
  for (const [at, row] of known.entries()) {
    const from = placeOf(row) * dimensions;
    points.set(values.subarray(from, from + dimensions), at * dimensions);
  }
  const { clusterOf } = await findClusters({ values: points, dimensions }, k, options);
  const clusters = new Map(Array.from(known, (row, at) => [row, clusterOf[at]!]));
  return (row) => clusters.get(row);
}
