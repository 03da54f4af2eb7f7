import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { flow, flowLength, orderFromFirst } from '../../src/recommend/flow.ts';
import { type FlowingSong, keyDistance, songDistance, tempoDistance } from '../../src/recommend/song-distance.ts';

const DIMENSIONS = 3;
const coordinate = fc.float({ min: -1, max: 1, noNaN: true });
const sound = fc.option(
  fc.record({
    tempo: fc.option(fc.integer({ min: 50, max: 200 })),
    key: fc.option(fc.nat(11)),
    mode: fc.option(fc.nat(1)),
  }),
  { nil: undefined },
);

/** Songs in any order with vectors of three dimensions, some without any. */
const songs = (maxLength: number) =>
  fc
    .array(fc.record({ vector: fc.tuple(coordinate, coordinate, coordinate), sound }), { minLength: 1, maxLength })
    .map((list) => ({
      vectors: { dimensions: DIMENSIONS, values: Float32Array.from(list.flatMap(({ vector }) => vector)) },
      songs: list.map((song, row): FlowingSong => ({ row: row % 7 === 6 ? row + 1000 : row, sound: song.sound })),
    }));

describe('an order that flows', () => {
  test('holds the same songs, the first in front, no longer than before, the same every time', () => {
    fc.assert(
      fc.property(songs(40), ({ vectors, songs: given }) => {
        const ordered = flow(given, vectors);
        expect(ordered[0]).toBe(given[0]);
        expect(new Set(ordered)).toEqual(new Set(given));
        expect(ordered).toHaveLength(given.length);
        expect(flowLength(ordered, vectors)).toBeLessThanOrEqual(flowLength(given, vectors) + 1e-9);
        expect(flow(given, vectors)).toEqual(ordered);
      }),
    );
  });

  test('up to 8 songs: at most a quarter longer than the shortest way, and nearly always the shortest', () => {
    let exact = 0;
    let worlds = 0;
    fc.assert(
      fc.property(songs(8), ({ vectors, songs: given }) => {
        const found = flowLength(flow(given, vectors), vectors);
        const shortest = Math.min(
          ...permutations(given.slice(1)).map((rest) => flowLength([given[0]!, ...rest], vectors)),
        );
        expect(found).toBeLessThanOrEqual(1.25 * shortest + 1e-9);
        worlds++;
        if (found < shortest + 1e-9) exact++;
      }),
      { numRuns: 60 },
    );
    expect(exact / worlds).toBeGreaterThan(0.9);
  });

  test('a line of songs is walked from end to end', () => {
    // Angles on a circle: neighbours in angle are the nearest.
    const angles = [0, 50, 10, 40, 20, 30, 60];
    const values = Float32Array.from(angles.flatMap((angle) => [Math.cos(angle / 60), Math.sin(angle / 60), 0]));
    const rows = angles.map((_, row) => ({ row }));
    const ordered = flow(rows, { dimensions: DIMENSIONS, values });
    expect(ordered.map(({ row }) => angles[row])).toEqual([0, 10, 20, 30, 40, 50, 60]);
  });

  test('where vectors say nothing, tempo and key decide', () => {
    const sounds = [
      { tempo: 100, key: 0, mode: 1 },
      { tempo: 140, key: 6, mode: 1 },
      { tempo: 101, key: 9, mode: 0 },
      { tempo: 139, key: 1, mode: 1 },
      { tempo: 103, key: 7, mode: 1 },
    ];
    const vectors = { dimensions: DIMENSIONS, values: new Float32Array(0) };
    const ordered = flow(
      sounds.map((each, row) => ({ row, sound: each })),
      vectors,
    );
    expect(ordered.map(({ row }) => row)).toEqual([0, 2, 4, 1, 3]);
  });

  test('more songs than are ordered at once: still a permutation that is shorter', () => {
    const same = { tempo: 120, key: 0, mode: 1 };
    const rows = Array.from({ length: 600 }, (_, row) => ({ row, sound: same }));
    const values = Float32Array.from({ length: 600 * 2 }, (_, at) => Math.sin(at * 12.9898) * (1 + (at % 3)));
    const vectors = { dimensions: 2, values };
    const ordered = flow(rows, vectors);
    expect(ordered.map(({ row }) => row).sort((a, b) => a - b)).toEqual(rows.map(({ row }) => row));
    expect(flowLength(ordered, vectors)).toBeLessThan(0.1 * flowLength(rows, vectors));
  });

  test('nothing and one song', () => {
    const vectors = { dimensions: 2, values: new Float32Array(0) };
    expect(flow([], vectors)).toEqual([]);
    expect(flow([{ row: 3 }], vectors)).toEqual([{ row: 3 }]);
    expect([...orderFromFirst(0, () => 1)]).toEqual([]);
  });
});

describe('distance', () => {
  test('tempo: octaves are equal, a tritone of tempo is farthest', () => {
    expect(tempoDistance(70, 140)).toBe(0);
    expect(tempoDistance(100, 100 * Math.SQRT2)).toBeCloseTo(1, 12);
    expect(tempoDistance(100, 106)).toBeCloseTo(2 * Math.log2(1.06), 12);
    expect(tempoDistance(100, 0)).toBeUndefined();
    expect(tempoDistance(null, 100)).toBeUndefined();
  });

  test.each([
    ['the same', 0, 1, 0, 1, 0],
    ['C major and A minor', 0, 1, 9, 0, 1 / 7],
    ['C major and G major', 0, 1, 7, 1, 1 / 7],
    ['C major and F major', 0, 1, 5, 1, 1 / 7],
    ['A minor and E minor', 9, 0, 4, 0, 1 / 7],
    ['C major and C minor', 0, 1, 0, 0, 4 / 7],
    ['C major and F sharp major', 0, 1, 6, 1, 6 / 7],
    ['C major and E flat minor', 0, 1, 3, 0, 1],
  ])('key: %s', (_, key, mode, otherKey, otherMode, distance) => {
    expect(keyDistance({ key, mode }, { key: otherKey, mode: otherMode })).toBeCloseTo(distance, 12);
  });

  test('symmetric, 0 to 2.75, and the unknown is the mean of what is known', () => {
    fc.assert(
      fc.property(songs(6), ({ vectors, songs: given }) => {
        const distance = songDistance(vectors);
        for (const a of given) {
          for (const b of given) {
            expect(distance(a, b)).toBeCloseTo(distance(b, a), 9);
            expect(distance(a, b)).toBeGreaterThanOrEqual(-1e-9);
            expect(distance(a, b)).toBeLessThanOrEqual(2.75 + 1e-9);
          }
        }
      }),
    );
    const keys = Array.from({ length: 24 }, (_, at) => ({ key: at % 12, mode: at < 12 ? 0 : 1 }));
    const all = keys.flatMap((a) => keys.map((b) => keyDistance(a, b)!));
    expect(all.reduce((sum, each) => sum + each, 0) / all.length).toBeCloseTo(0.5, 12);
  });
});

function permutations<T>(items: readonly T[]): T[][] {
  if (items.length === 0) return [[]];
  return items.flatMap((item, at) => permutations(items.toSpliced(at, 1)).map((rest) => [item, ...rest]));
}
