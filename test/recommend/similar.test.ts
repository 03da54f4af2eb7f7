import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { catalogueOf, keyOf } from '../../src/recommend/catalogue.ts';
import { certaintyBy, mostLike } from '../../src/recommend/likeness.ts';
import { findSimilar } from '../../src/recommend/similar.ts';
import type { Model } from '../../src/vectors/model.ts';
import { indexModel } from '../../src/vectors/model-index.ts';
import { scoreRows, searchable } from '../../src/vectors/nearest.ts';
import { songOf, tinyWorld, trackOf } from './tiny-world.ts';

const { model, catalogue } = tinyWorld();
const rowOf = (token: number) => catalogue.rowOfId(songOf(token).id);
const plus = (token: number) => ({ row: rowOf(token), weight: 1 });
const minus = (token: number) => ({ row: rowOf(token), weight: -1 });
const genres = (found: readonly { track: { title: string } }[]) =>
  new Set(found.map(({ track }) => track.title.split(' ')[0]));

describe.each(['likeness', 'continuation'] as const)('by %s', (by) => {
  test('the nearest songs to one are of its genre, best first, without it', async () => {
    for (const [token, genre] of [
      [3, 'Jazz'],
      [23, 'Techno'],
    ] as const) {
      const found = await findSimilar(model, catalogue, [plus(token)], { count: 5, by });
      expect(found).toHaveLength(5);
      expect(genres(found)).toEqual(new Set([genre]));
      expect(found.map(({ row }) => row)).not.toContain(rowOf(token));
      const scores = found.map(({ score }) => score);
      expect(scores).toEqual([...scores].sort((a, b) => b - a));
    }
  });

  test('of two songs of two genres minus one the other is left', async () => {
    const songs = [plus(3), plus(23), minus(24)];
    expect(genres(await findSimilar(model, catalogue, songs, { count: 5, by }))).toEqual(new Set(['Jazz']));
    expect(genres(await findSimilar(model, catalogue, [plus(3), plus(23), minus(4)], { count: 5, by }))).toEqual(
      new Set(['Techno']),
    );
  });

  test('what stands in playlists too rarely is left out; where nothing is left, nothing is found', async () => {
    const minCount = model.counts[10]!;
    const found = await findSimilar(model, catalogue, [plus(3)], { count: 40, by, minCount });
    expect(found.length).toBeGreaterThan(5);
    for (const { row } of found) expect(model.counts[row]).toBeGreaterThanOrEqual(minCount);
    expect(await findSimilar(model, catalogue, [plus(3)], { count: 5, by, minCount: 1e6 })).toEqual([]);
  });
});

test('other editions of a recording come once, those of the song itself never', async () => {
  const tracks = [
    trackOf('Song', 'A'),
    trackOf('Song - Remastered 2011', 'A', { id: 'edition' }),
    ...Array.from({ length: 60 }, (_, i) => trackOf('Other', 'B', { id: `other ${i}` })),
    trackOf('Third', 'C'),
  ];
  const values = new Float32Array(tracks.length * 2).fill(1);
  const same: Model = { dimensions: 2, counts: new Uint32Array(tracks.length).fill(2), input: values, output: values };
  const found = await findSimilar(same, catalogueOf(tracks), [{ row: 0, weight: 1 }], { count: 3, by: 'likeness' });
  expect(found.map(({ track }) => track.title)).toEqual(['Other', 'Third']);
  expect(new Set(found.map(({ track }) => keyOf(track))).size).toBe(2);
});

test('songs that cancel each other out are refused', async () => {
  await expect(findSimilar(model, catalogue, [plus(3), minus(3)], { count: 5, by: 'likeness' })).rejects.toThrow(
    expect.objectContaining({ code: 'songs-cancel-out' }),
  );
});

describe('likeness', () => {
  const certainty = (counts: number[]) => counts.map((_, row) => certaintyBy(Uint32Array.from(counts))(row));

  test('grows with how often a song stands in playlists; counts that are all the same say nothing', () => {
    expect(certainty([9, 3, 1])).toEqual([0.9, 0.75, 0.5]);
    expect(certainty([1, 1])).toEqual([1, 1]);
    expect(certainty([0, 0])).toEqual([1, 1]);
  });

  test('of songs with one vector the well-known one is first, and 1.00 is nobody’s', async () => {
    const values = Float32Array.of(1, 0, 1, 0, 1, 0.1, 1, 0);
    const world: Model = { dimensions: 2, counts: Uint32Array.of(50, 9, 1, 1), input: values, output: values };
    const tracks = ['a', 'b', 'c', 'd'].map((name) => trackOf(name, name));
    const found = await findSimilar(world, catalogueOf(tracks), [{ row: 3, weight: 1 }], { count: 3, by: 'likeness' });
    expect(found.map(({ track }) => track.title)).toEqual(['a', 'b', 'c']);
    expect(found[0]!.score).toBeCloseTo(Math.sqrt((50 / 51) * 0.5), 6);
  });

  test('the best are those of scoring every row', async () => {
    const world = fc.integer({ min: 1, max: 120 }).chain((rows) =>
      fc.record({
        counts: fc.array(fc.oneof(fc.nat(3), fc.nat(100)), { minLength: rows, maxLength: rows }),
        values: fc.array(fc.oneof(fc.constantFrom(-1, 0, 1), fc.float({ min: -1, max: 1, noNaN: true })), {
          minLength: rows * 3,
          maxLength: rows * 3,
        }),
        excluded: fc.array(fc.constantFrom(0, 0, 1), { minLength: rows, maxLength: rows }),
        query: fc.tuple(...Array.from({ length: 3 }, () => fc.integer({ min: -3, max: 3 }))),
        certainty: fc.constantFrom(0.5, 0.9, 1),
        k: fc.integer({ min: 1, max: 30 }),
      }),
    );
    await fc.assert(
      fc.asyncProperty(world, async ({ counts, values, excluded, query, certainty: ofQuery, k }) => {
        const vectors = Float32Array.from(values);
        const made: Model = { dimensions: 3, counts: Uint32Array.from(counts), input: vectors, output: vectors };
        const vector = Float64Array.from(query);
        const index = indexModel(made, 'input');
        const best = await mostLike(index, made.counts, { vector, certainty: ofQuery }, k, Uint8Array.from(excluded));
        await index.close();
        const sure = certaintyBy(made.counts);
        const scores = Array.from(scoreRows(searchable(vectors, 3), vector, 'cosine'), (cosine, row) =>
          cosine < 0 ? cosine : cosine * Math.sqrt(sure(row) * ofQuery),
        ).filter((_, row) => excluded[row] === 0);
        const expected = scores.sort((a, b) => b - a).slice(0, k);
        expect(best.map(({ score }) => score)).toEqual(expected.map((score) => expect.closeTo(score, 12)));
      }),
    );
  });
});
