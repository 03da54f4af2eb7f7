import { setImmediate as breathe } from 'node:timers/promises';
import { type Random, seededRandom } from '../base/random.ts';
import type { Rows } from '../vectors/nearest.ts';

export interface ClusterOptions {
  /** The same seed gives the same clusters. */
  readonly seed?: number;
  readonly rounds?: number;
  readonly signal?: AbortSignal;
}

/** Points in k groups, each point with the centre nearest to it. */
export interface Clusters {
  /** At most what was asked for: there are no more centres than different points. */
  readonly k: number;
  /** k x d, row-major, the largest cluster first. */
  readonly centres: Float64Array;
  /** Number of each point's cluster (n). */
  readonly clusterOf: Uint32Array;
  /** Points of each cluster (k). */
  readonly sizes: Uint32Array;
  /** Sum of squared distances to the own centre, after each round; never rises. */
  readonly inertias: readonly number[];
}

const SEED = 2011;
const ROUNDS = 100;

/**
 * k-means: centres by k-means++ (Arthur and Vassilvitskii 2007), then Lloyd's rounds until no point changes, 100 at most.
 * Lets the event loop breathe; throws the signal's reason.
 */
export async function findClusters(points: Rows, k: number, options: ClusterOptions = {}): Promise<Clusters> {
  const { seed = SEED, rounds = ROUNDS, signal } = options;
  const { dimensions: d } = points;
  const n = points.values.length / d;
  let centres = firstCentres(points, k, seededRandom(seed));
  const clusterOf = new Uint32Array(n);
  const inertias: number[] = [];
  for (let round = 0; ; round++) {
    signal?.throwIfAborted();
    await breathe();
    const { inertia, changed } = assign(points, centres, clusterOf);
    inertias.push(inertia);
    // In the first round "changed" only says that a point is not in the first cluster.
    if (round > 0 && (changed === 0 || round >= rounds)) break;
    centres = centresOf(points, clusterOf, centres);
  }
  return largestFirst(d, centres, clusterOf, inertias);
}

/** Each centre a point, far from those before: drawn by its squared distance to the nearest of them. */
function firstCentres(points: Rows, k: number, random: Random): Float64Array {
  const { dimensions: d, values } = points;
  const n = values.length / d;
  const chosen: number[] = n === 0 || k < 1 ? [] : [Math.floor(random() * n)];
  const apart = new Float64Array(n).fill(Number.POSITIVE_INFINITY);
  while (chosen.length > 0 && chosen.length < k) {
    const last = Float64Array.from(values.subarray(chosen.at(-1)! * d, (chosen.at(-1)! + 1) * d));
    let total = 0;
    for (let point = 0; point < n; point++) {
      apart[point] = Math.min(apart[point]!, squaredDistance(values, point * d, last, 0, d));
      total += apart[point]!;
    }
    if (total === 0) break;
    let left = random() * total;
    // Rounding may leave a little at the end: the last point that is no centre then.
    let next = apart.findLastIndex((distance) => distance > 0);
    for (let point = 0; point < n; point++) {
      left -= apart[point]!;
      if (left < 0) {
        next = point;
        break;
      }
    }
    chosen.push(next);
  }
  const centres = new Float64Array(chosen.length * d);
  for (const [at, point] of chosen.entries()) centres.set(values.subarray(point * d, (point + 1) * d), at * d);
  return centres;
}

/** Gives each point the nearest centre; of two equally near the one it has. */
function assign({ dimensions: d, values }: Rows, centres: Float64Array, clusterOf: Uint32Array) {
  const k = centres.length / d;
  let inertia = 0;
  let changed = 0;
  for (let point = 0; point < clusterOf.length; point++) {
    let best = clusterOf[point]!;
    let least = squaredDistance(values, point * d, centres, best * d, d);
    for (let centre = 0; centre < k; centre++) {
      const distance = squaredDistance(values, point * d, centres, centre * d, d);
      if (distance < least) {
        least = distance;
        best = centre;
      }
    }
    if (best !== clusterOf[point]) changed++;
    clusterOf[point] = best;
    inertia += least;
  }
  return { inertia, changed };
}

/** The mean of each cluster's points; a cluster without any stays where it was. */
function centresOf({ dimensions: d, values }: Rows, clusterOf: Uint32Array, before: Float64Array): Float64Array {
  const centres = new Float64Array(before.length);
  const sizes = new Uint32Array(before.length / d);
  for (const [point, cluster] of clusterOf.entries()) {
    sizes[cluster]!++;
    for (let i = 0; i < d; i++) centres[cluster * d + i]! += values[point * d + i]!;
  }
  return centres.map((sum, at) => (sizes[Math.floor(at / d)] === 0 ? before[at]! : sum / sizes[Math.floor(at / d)]!));
}

function largestFirst(d: number, centres: Float64Array, clusterOf: Uint32Array, inertias: readonly number[]): Clusters {
  const sizes = new Uint32Array(centres.length / d);
  for (const cluster of clusterOf) sizes[cluster]!++;
  const order = [...sizes.keys()].filter((one) => sizes[one]! > 0).sort((a, b) => sizes[b]! - sizes[a]! || a - b);
  const placeOf = Uint32Array.from(sizes, (_, cluster) => order.indexOf(cluster));
  return {
    k: order.length,
    centres: Float64Array.from(order.flatMap((one) => [...centres.subarray(one * d, (one + 1) * d)])),
    clusterOf: clusterOf.map((cluster) => placeOf[cluster]!),
    sizes: Uint32Array.from(order, (one) => sizes[one]!),
    inertias,
  };
}

/** Between the d values of `a` from `atA` on and those of `b` from `atB` on. */
export function squaredDistance(
  a: ArrayLike<number>,
  atA: number,
  b: ArrayLike<number>,
  atB: number,
  d: number,
): number {
  let sum = 0;
  for (let i = 0; i < d; i++) sum += (a[atA + i]! - b[atB + i]!) ** 2;
  return sum;
}

/** The point nearest to each centre (k), of two alike the first. */
export function nearestToCentres({ dimensions: d, values }: Rows, { k, centres, clusterOf }: Clusters): Uint32Array {
  const nearest = new Uint32Array(k);
  const least = new Float64Array(k).fill(Number.POSITIVE_INFINITY);
  for (const [point, cluster] of clusterOf.entries()) {
    const distance = squaredDistance(values, point * d, centres, cluster * d, d);
    if (distance >= least[cluster]!) continue;
    least[cluster] = distance;
    nearest[cluster] = point;
  }
  return nearest;
}
