import { expect, test } from 'vitest';
import { catalogueOf, keyOf } from '../../src/recommend/catalogue.ts';
import { FeaturedSongsBuilder, type FeaturedTrack, rowsWithCold } from '../../src/recommend/featured-songs.ts';
import { valuesAt } from '../../src/recommend/song-features.ts';
import { songWith } from './feature-worlds.ts';
import { trackOf } from './tiny-world.ts';

const catalogue = catalogueOf([
  trackOf('Africa', 'TOTO', { isrc: 'USSM18200001' }),
  trackOf('Barracuda', 'Heart'),
  trackOf('Rosanna', 'TOTO', { isrc: 'USSM18200002' }),
  trackOf('Alone', 'Heart'),
]);

function given(title: string, artist: string, more: Partial<FeaturedTrack> = {}): FeaturedTrack {
  const track = trackOf(title, artist, { id: `other${title}`, ...more });
  return { recordingKey: keyOf(track), ...track };
}

test('songs are found by id, ISRC or recording, the surer way first; all others are cold, in their order', () => {
  const builder = new FeaturedSongsBuilder(catalogue);
  builder.add(given('Unheard', 'Nobody'), songWith({ energy: 0.1 }));
  builder.add(given('Rosanna - Remastered', 'TOTO'), songWith({ energy: 0.2 }));
  builder.add(given('Something else', 'TOTO', { isrc: 'USSM18200002' }), songWith({ energy: 0.3 }));
  builder.add(given('Alone', 'Heart', { id: catalogue.id(3) }), songWith({ energy: 0.4 }));
  builder.add(given('Alone', 'Heart'), songWith({ energy: 0.5 }));
  builder.add(given('Africa', 'TOTO'), songWith({}));
  builder.add(given('Unheard too', 'Nobody', { isrc: 'XX1' }), songWith({ energy: 0.6 }));
  builder.add(given('Silence', 'Nobody'), songWith({ key: -1 }));
  const songs = builder.finish();
  expect([...songs.rows]).toEqual([2, 3]);
  expect(songs.counts).toEqual({ id: 1, isrc: 1, recording: 0, empty: 2 });
  const energies = Array.from({ length: songs.features.size }, (_, at) => valuesAt(songs.features, at).energy);
  for (const [at, energy] of [0.3, 0.4, 0.1, 0.6].entries()) expect(energies[at]).toBeCloseTo(energy, 6);
  expect(energies).toHaveLength(4);
  expect(songs.cold.size).toBe(2);
  expect(songs.cold.track(1)).toEqual({
    id: 'otherUnheard too',
    title: 'Unheard too',
    artists: ['Nobody'],
    isrc: 'XX1',
  });
  expect([...rowsWithCold(songs, catalogue.size)]).toEqual([2, 3, 4, 5]);
});

test('an edition with features of its own gives them to the best-known one of its recording as well', () => {
  const editions = catalogueOf([
    trackOf('Africa', 'TOTO', { id: 'single' }),
    trackOf('Africa', 'TOTO', { id: 'album' }),
  ]);
  const builder = new FeaturedSongsBuilder(editions);
  builder.add(given('Africa', 'TOTO', { id: 'album' }), songWith({ valence: 0.5 }));
  const { rows, features, counts, cold } = builder.finish();
  expect([...rows]).toEqual([0, 1]);
  expect(valuesAt(features, 0)).toEqual(valuesAt(features, 1));
  expect([counts.id, counts.recording, cold.size]).toEqual([1, 1, 0]);
});

test('nothing given, nothing found', () => {
  const { rows, cold, features } = new FeaturedSongsBuilder(catalogueOf([])).finish();
  expect([rows.length, cold.size, features.size]).toEqual([0, 0, 0]);
});
