import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { chooseClusters, meanSilhouette } from '../../src/recommend/choose-clusters.ts';
import { type Clusters, findClusters, nearestToCentres, squaredDistance } from '../../src/recommend/clusters.ts';
import type { Rows } from '../../src/vectors/nearest.ts';
import { heaps } from './feature-worlds.ts';

const CORNERS = [
  [0, 0, 0],
  [5, 0, 0],
  [0, 5, 0],
  [0, 0, 5],
  [5, 5, 5],
];

const point = ({ dimensions, values }: Rows, at: number) => values.subarray(at * dimensions, (at + 1) * dimensions);

const points = fc.integer({ min: 1, max: 4 }).chain((dimensions) =>
  fc
    .array(
      fc.array(fc.oneof(fc.integer({ min: -3, max: 3 }), fc.float({ min: -3, max: 3, noNaN: true })), {
        minLength: dimensions,
        maxLength: dimensions,
      }),
      { minLength: 1, maxLength: 60 },
    )
    .map((rows): Rows => ({ dimensions, values: Float32Array.from(rows.flat()) })),
);

describe('k-means', () => {
  test('finds heaps that are far apart, whole, the largest first', async () => {
    const some = heaps(CORNERS, 40);
    const all = { dimensions: 3, values: some.values.subarray(0, 3 * 180) };
    const { k, clusterOf, sizes } = await findClusters(all, 5);
    expect([k, [...sizes]]).toEqual([5, [40, 40, 40, 40, 20]]);
    for (let heap = 0; heap < 5; heap++) {
      const own = new Set(clusterOf.subarray(heap * 40, Math.min(180, (heap + 1) * 40)));
      expect(own.size).toBe(1);
    }
    expect(new Set(clusterOf).size).toBe(5);
    expect(clusterOf[179]).toBe(4);
  });

  test('every point is nearest to its own centre, inertia never rises, centres are means, the seed decides', async () => {
    await fc.assert(
      fc.asyncProperty(points, fc.integer({ min: 1, max: 8 }), fc.nat(5), async (rows, asked, seed) => {
        const { dimensions: d, values } = rows;
        const n = values.length / d;
        const found = await findClusters(rows, asked, { seed });
        const { k, centres, clusterOf, sizes, inertias } = found;
        const different = new Set(
          Array.from({ length: n }, (_, at) =>
            point(rows, at)
              .map((v) => v + 0)
              .join(),
          ),
        );
        expect(k).toBe(Math.min(asked, different.size));
        expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(n);
        for (let at = 0; at < n; at++) {
          const own = squaredDistance(values, at * d, centres, clusterOf[at]! * d, d);
          for (let other = 0; other < k; other++)
            expect(own).toBeLessThanOrEqual(squaredDistance(values, at * d, centres, other * d, d));
        }
        for (const [round, inertia] of inertias.slice(1).entries())
          expect(inertia).toBeLessThanOrEqual(inertias[round]! * (1 + 1e-12));
        for (let cluster = 0; cluster < k; cluster++) {
          for (let i = 0; i < d; i++) {
            const own = [...clusterOf.keys()].filter((at) => clusterOf[at] === cluster);
            const mean = own.reduce((sum, at) => sum + values[at * d + i]!, 0) / own.length;
            expect(centres[cluster * d + i]).toBeCloseTo(mean, 9);
          }
        }
        expect(await findClusters(rows, asked, { seed })).toEqual(found);
      }),
    );
  });

  test('nothing to cluster, and a stop', async () => {
    const none = await findClusters({ dimensions: 3, values: new Float32Array(0) }, 4);
    expect([none.k, none.clusterOf.length]).toEqual([0, 0]);
    const stop = AbortSignal.abort(new Error('stopped'));
    await expect(findClusters(heaps(CORNERS, 5), 3, { signal: stop })).rejects.toThrow('stopped');
  });

  test('the example of a cluster is the point nearest to its centre', async () => {
    const rows = heaps(CORNERS, 30);
    const found = await findClusters(rows, 5);
    for (const [cluster, example] of nearestToCentres(rows, found).entries()) {
      expect(found.clusterOf[example]).toBe(cluster);
      const distance = (at: number) => squaredDistance(rows.values, at * 3, found.centres, cluster * 3, 3);
      const own = [...found.clusterOf.keys()].filter((at) => found.clusterOf[at] === cluster);
      expect(distance(example)).toBe(Math.min(...own.map(distance)));
    }
  });
});

describe('how many', () => {
  test('as many as there are heaps; the curve is of each k that was tried, and highest there', async () => {
    const { clusters, curve, sampled } = await chooseClusters(heaps(CORNERS, 40), { least: 2, most: 8 });
    expect([clusters.k, sampled]).toEqual([5, 200]);
    expect(curve.map(({ k }) => k)).toEqual([2, 3, 4, 5, 6, 7, 8]);
    expect(Math.max(...curve.map(({ silhouette }) => silhouette))).toBe(curve[3]!.silhouette);
    expect(curve[3]!.silhouette).toBeGreaterThan(0.95);
    expect(curve[0]!.inertia).toBeGreaterThan(curve[3]!.inertia);
  });

  test('of many points a sample decides, and all are clustered', async () => {
    const { clusters, curve, sampled } = await chooseClusters(heaps(CORNERS, 400), { sample: 150 });
    expect([clusters.k, sampled, clusters.clusterOf.length]).toEqual([5, 150, 2000]);
    expect(curve[0]!.k).toBe(4);
  });

  test('of a few points, or all the same, what there is', async () => {
    expect((await chooseClusters(heaps(CORNERS, 1), { least: 9, most: 9 })).clusters.k).toBe(5);
    const same = await chooseClusters({ dimensions: 2, values: new Float32Array(40).fill(1.5) });
    expect([same.clusters.k, same.curve]).toEqual([1, []]);
  });

  test('a silhouette is Rousseeuw\u2019s', async () => {
    await fc.assert(
      fc.asyncProperty(points, fc.integer({ min: 2, max: 5 }), async (rows, k) => {
        const found = await findClusters(rows, k);
        expect(meanSilhouette(rows, found)).toBeCloseTo(plainSilhouette(rows, found), 9);
      }),
    );
  });
});

function plainSilhouette(rows: Rows, { k, clusterOf }: Clusters): number {
  if (k < 2) return 0;
  const places = [...clusterOf.keys()];
  const distance = (a: number, b: number) =>
    Math.hypot(...Array.from(point(rows, a), (v, i) => v - point(rows, b)[i]!));
  const meanTo = (from: number, others: readonly number[]) =>
    others.reduce((sum, other) => sum + distance(from, other), 0) / others.length;
  const silhouettes = places.map((at) => {
    const own = places.filter((other) => other !== at && clusterOf[other] === clusterOf[at]);
    if (own.length === 0) return 0;
    const a = meanTo(at, own);
    const others = [...Array(k).keys()].filter((cluster) => cluster !== clusterOf[at]);
    const b = Math.min(
      ...others.map((cluster) =>
        meanTo(
          at,
          places.filter((other) => clusterOf[other] === cluster),
        ),
      ),
    );
    return Math.max(a, b) === 0 ? 0 : (b - a) / Math.max(a, b);
  });
  return silhouettes.reduce((sum, each) => sum + each, 0) / silhouettes.length;
}
