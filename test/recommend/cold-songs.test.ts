import { expect, test } from 'vitest';
import { catalogueOf, keyOf } from '../../src/recommend/catalogue.ts';
import { artistsWithCold, withColdRows, withColdSongs } from '../../src/recommend/cold-songs.ts';
import { holdersCount, matrixOf } from '../../src/recommend/playlist-matrix.ts';
import { makeReady, NO_ARTIST } from '../../src/recommend/recommender.ts';
import { artists } from '../../src/recommend/recommenders/artists.ts';
import { sequences } from '../vectors/two-genres.ts';
import { trackOf } from './tiny-world.ts';

const known = ['Undertow', 'Ebb', 'Slow Rain'].map((title, at) =>
  trackOf(title, at < 2 ? 'Marrow & Tide' : 'Ada Quist'),
);
const cold = [
  trackOf('Low Water', 'marrow & tide', { isrc: 'GBAYE0000001' }),
  trackOf('Unheard', 'Nobody Yet'),
  trackOf('Nameless', 'x', { artists: [] }),
  trackOf('Slow Rain', 'Someone Else', { id: 'another slow rain     ' }),
];
const catalogue = withColdSongs(catalogueOf(known), catalogueOf(cold));

test('cold songs come after those of the model, and are found by id, ISRC, recording and title', () => {
  expect(catalogue.size).toBe(7);
  expect(Array.from({ length: 7 }, (_, row) => catalogue.track(row))).toEqual([...known, ...cold]);
  for (const [row, { id }] of [...known, ...cold].entries()) {
    expect(catalogue.rowOfId(id)).toBe(row);
    expect(catalogue.id(row)).toBe(id);
  }
  expect(catalogue.rowOfIsrc('GBAYE0000001')).toBe(3);
  expect(catalogue.rowOfRecording(keyOf(cold[1]!))).toBe(4);
  expect(catalogue.rowOfRecording(keyOf(known[2]!))).toBe(2);
  expect(catalogue.rowsOfTitle('slow rain')).toEqual([2, 6]);
  expect([catalogue.rowOfId('none'), catalogue.rowOfIsrc('none'), catalogue.rowOfRecording('none')]).toEqual([
    -1, -1, -1,
  ]);
});

test('their artists are those of the model where it knows them', () => {
  const artistOf = artistsWithCold(Uint32Array.of(0, 0, 1), catalogue);
  expect([...artistOf]).toEqual([0, 0, 1, 0, 2, NO_ARTIST, 3]);
});

test('a song of no playlist is reached through its artist, behind the songs that playlists hold', async () => {
  const corpus = sequences([
    [0, 1],
    [0, 2],
    [1, 0],
  ]);
  const matrix = withColdRows(matrixOf(corpus, { rowOf: Int32Array.of(0, 1, 2), tokens: new Uint32Array(3) }), 7);
  expect(Array.from({ length: 7 }, (_, row) => holdersCount(matrix, row))).toEqual([3, 2, 1, 0, 0, 0, 0]);
  const world = {
    playlists: matrix,
    groups: new Uint32Array(3),
    artistOf: artistsWithCold(Uint32Array.of(0, 0, 1), catalogue),
    vectorsOf: async () => {
      throw new Error('no vectors here');
    },
  };
  const recommender = await makeReady(artists, world, { threads: 1, signal: new AbortController().signal });
  const { rows } = await recommender.candidates({ seeds: [{ row: 0, weight: 1 }] }, 10);
  expect([...rows.slice(0, 2)]).toEqual([1, 3]);
  expect([...rows]).not.toContain(4);
});
