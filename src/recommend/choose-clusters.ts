import { setImmediate as breathe } from 'node:timers/promises';
import { seededRandom } from '../base/random.ts';
import type { Rows } from '../vectors/nearest.ts';
import { type ClusterOptions, type Clusters, findClusters, squaredDistance } from './clusters.ts';

/** How well so many clusters fit. */
export interface SilhouettePoint {
  readonly k: number;
  /** Mean silhouette of the sample, -1 to 1. */
  readonly silhouette: number;
  /** Mean squared distance of the sample to the own centre, for an elbow. */
  readonly inertia: number;
}

export interface ChosenClusters {
  readonly clusters: Clusters;
  /** One for each k that was tried, rising. */
  readonly curve: readonly SilhouettePoint[];
  /** Points that the curve is of. */
  readonly sampled: number;
}

export interface ChooseOptions extends ClusterOptions {
  /** Fewest and most clusters that are tried. */
  readonly least?: number;
  readonly most?: number;
  /** Points to choose k by: silhouettes look at every pair of them. */
  readonly sample?: number;
}

/** 2,000 points are 2 million pairs, .1 s for each k; the curves of two samples of 28,352 songs differ by up to .014. */
const SAMPLE = 2000;
const SAMPLE_SEED = 1987;
/** Fewer say less than one axis does; more nobody reads. */
const LEAST = 4;
const MOST = 10;

/**
 * k-means with the k of the best mean silhouette (Rousseeuw 1987), of two alike the smaller; k is chosen on a sample, and
 * the clusters are of all points. Throws the signal's reason.
 */
export async function chooseClusters(points: Rows, options: ChooseOptions = {}): Promise<ChosenClusters> {
  const { least = LEAST, most = MOST, sample = SAMPLE, ...cluster } = options;
  const some = sampleOf(points, sample);
  const sampled = some.values.length / some.dimensions;
  const curve: SilhouettePoint[] = [];
  for (let k = least; k <= Math.max(least, most) && k < sampled; k++) {
    const found = await findClusters(some, k, cluster);
    // There are no more different points: the same clusters again.
    if (found.k < k) break;
    await breathe();
    curve.push({ k, silhouette: meanSilhouette(some, found), inertia: found.inertias.at(-1)! / sampled });
  }
  const best = curve.reduce<SilhouettePoint | undefined>(
    (a, b) => (a === undefined || b.silhouette > a.silhouette ? b : a),
    undefined,
  );
  return { clusters: await findClusters(points, best?.k ?? least, cluster), curve, sampled };
}

/**
 * Mean over all points of (b - a) / max(a, b): a the mean distance to the others of the own cluster, b that to the points of
 * the nearest other cluster; 0 for a point alone in its cluster. Rousseeuw 1987, "Silhouettes".
 */
export function meanSilhouette({ dimensions: d, values }: Rows, { k, clusterOf, sizes }: Clusters): number {
  const n = clusterOf.length;
  if (n === 0 || k < 2) return 0;
  const sums = new Float64Array(n * k);
  for (let i = 0; i < n; i++) {
    for (let j = i + 1; j < n; j++) {
      const distance = Math.sqrt(squaredDistance(values, i * d, values, j * d, d));
      sums[i * k + clusterOf[j]!]! += distance;
      sums[j * k + clusterOf[i]!]! += distance;
    }
  }
  let total = 0;
  for (let i = 0; i < n; i++) {
    const own = clusterOf[i]!;
    if (sizes[own]! < 2) continue;
    const a = sums[i * k + own]! / (sizes[own]! - 1);
    let b = Number.POSITIVE_INFINITY;
    for (let other = 0; other < k; other++) {
      if (other !== own) b = Math.min(b, sums[i * k + other]! / sizes[other]!);
    }
    const larger = Math.max(a, b);
    total += larger === 0 ? 0 : (b - a) / larger;
  }
  return total / n;
}

/** At most so many of the points, in their order: each equally likely (selection sampling, Knuth 3.4.2 S). */
function sampleOf({ dimensions, values }: Rows, most: number): Rows {
  const n = values.length / dimensions;
  if (n <= most) return { dimensions, values };
  const random = seededRandom(SAMPLE_SEED);
  const chosen = new Float32Array(most * dimensions);
  for (let point = 0, taken = 0; taken < most; point++) {
    if ((n - point) * random() >= most - taken) continue;
    chosen.set(values.subarray(point * dimensions, (point + 1) * dimensions), taken * dimensions);
    taken++;
  }
  return { dimensions, values: chosen };
}
