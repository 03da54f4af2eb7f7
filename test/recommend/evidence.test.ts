import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { evidenceFinder } from '../../src/recommend/evidence.ts';
import { matrixOf } from '../../src/recommend/playlist-matrix.ts';
import { sharesOf } from '../../src/recommend/shares.ts';
import { sequences } from '../vectors/two-genres.ts';

const TRACKS = 12;
const matrixOfLists = (lists: readonly (readonly number[])[]) =>
  matrixOf(sequences(lists), {
    rowOf: Int32Array.from({ length: TRACKS }, (_, row) => row),
    tokens: new Uint32Array(TRACKS),
  });

describe('evidence', () => {
  test('names the playlists that hold the song and most of the seeds, and the seeds that are often beside it', () => {
    const lists = [
      [0, 1, 2, 9],
      [0, 9],
      [1, 3, 4, 5, 6, 7],
      [9, 3],
      [0, 2],
    ];
    const evidenceOf = evidenceFinder(matrixOfLists(lists), [
      { row: 0, weight: 1 },
      { row: 1, weight: 1 },
      { row: 11, weight: 9 },
    ]);
    expect(evidenceOf(9)).toEqual({
      holders: 3,
      shared: 2,
      playlists: [
        { playlist: 0, seeds: [1, 0] },
        { playlist: 1, seeds: [0] },
      ],
      seeds: [
        { row: 0, together: 2, holders: 3 },
        { row: 1, together: 1, holders: 2 },
      ],
    });
    expect(evidenceOf(10)).toEqual({ holders: 0, shared: 0, playlists: [], seeds: [] });
    // A row beyond the playlists' tracks: a song that no playlist knows.
    expect(evidenceOf(500).shared).toBe(0);
  });

  test('counts are those of plain sets, whatever was asked before', () => {
    const list = fc.uniqueArray(fc.nat(TRACKS - 1), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(
        fc.array(list, { minLength: 1, maxLength: 20 }),
        fc.uniqueArray(fc.nat(TRACKS - 1), { maxLength: 4 }),
        (lists, seeds) => {
          const evidenceOf = evidenceFinder(
            matrixOfLists(lists),
            seeds.map((row) => ({ row, weight: 1 + row })),
          );
          for (let row = 0; row < TRACKS; row++) {
            const held = lists.filter((each) => each.includes(row));
            const { holders, shared, seeds: beside, playlists } = evidenceOf(row);
            expect(holders).toBe(held.length);
            expect(shared).toBe(held.filter((each) => each.some((other) => seeds.includes(other))).length);
            expect(playlists).toHaveLength(Math.min(5, shared));
            for (const { row: seed, together } of beside) {
              expect(together).toBe(held.filter((each) => each.includes(seed)).length);
            }
            for (const { playlist, seeds: inside } of playlists) {
              expect(lists[playlist]).toContain(row);
              expect([...inside].sort()).toEqual(lists[playlist]!.filter((each) => seeds.includes(each)).sort());
            }
          }
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe('shares', () => {
  test('of what speaks for a candidate, the largest first', () => {
    const { winner, runnerUp, shares } = sharesOf({ a: 1, b: -5, c: 3, d: 0, e: 1 }, 'all');
    expect({ winner, runnerUp }).toEqual({ winner: 'c', runnerUp: 'a' });
    expect(Object.entries(shares)).toEqual([
      ['c', 0.6],
      ['a', 0.2],
      ['e', 0.2],
    ]);
  });

  test('where nothing speaks for it', () => {
    expect(sharesOf({ a: -1, b: 0 }, 'all')).toEqual({ winner: 'all', runnerUp: null, shares: {} });
    expect(sharesOf({ a: 2 }, 'all')).toEqual({ winner: 'a', runnerUp: null, shares: { a: 1 } });
  });
});
