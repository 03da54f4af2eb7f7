import { expect, test } from 'vitest';
import { standardise } from '../../src/recommend/audio-features.ts';
import { clustersBySound } from '../../src/recommend/sound-clusters.ts';
import { featuresOf } from './feature-worlds.ts';

// Even songs are slow and quiet, odd ones fast and loud; in the catalogue their rows are 10, 20, 30 and so on.
const features = standardise(
  featuresOf(
    Array.from({ length: 40 }, (_, at) =>
      at % 2 === 0
        ? { tempo: 70 + (at % 5), energy: 0.1, loudness: -20 }
        : { tempo: 150 + (at % 5), energy: 0.9, loudness: -4 },
    ),
  ),
  Uint32Array.from({ length: 40 }, (_, at) => 10 * (at + 1)),
);

test('songs that sound alike share a cluster; one without features has none', async () => {
  const rows = Uint32Array.from(Array.from({ length: 40 }, (_, at) => [10 * (at + 1), 10 * (at + 1) + 5]).flat());
  const clusterOf = await clustersBySound(features, rows);
  const [slow, fast] = [0, 1].map(
    (odd) => new Set(Array.from({ length: 20 }, (_, at) => clusterOf(10 * (2 * at + odd + 1)))),
  );
  expect([...slow!, ...fast!]).not.toContain(undefined);
  expect([...slow!].filter((cluster) => fast!.has(cluster))).toEqual([]);
  expect(clusterOf(15)).toBeUndefined();
  expect(clusterOf(1000)).toBeUndefined();
});

test('of a handful of songs nothing is said', async () => {
  const clusterOf = await clustersBySound(features, Uint32Array.of(10, 20, 30, 40, 50));
  expect(clusterOf(10)).toBeUndefined();
});
