import { expect, test } from 'vitest';
import { catalogueOf } from '../../src/recommend/catalogue.ts';
import { openAudioFeatures } from '../../src/recommend/recommenders/audio-features.ts';
import { saveFeatures } from '../../src/store/features.ts';
import { saveTracks } from '../../src/store/tracks.ts';
import { featuresOfWorld, openFeatures, readFeaturesFor } from '../../src/tasks/open-features.ts';
import { songWith } from '../recommend/feature-worlds.ts';
import { idOf, trackOf } from '../recommend/tiny-world.ts';
import { openTestStore } from '../store-fixture.ts';

const signal = new AbortController().signal;

const calm = (at: number) => songWith({ energy: 0.2 + at / 100, tempo: 80 + at });
const wild = (at: number) => songWith({ energy: 0.9 - at / 100, tempo: 140 + at });

test('songs of no playlist are reached by how they sound', async () => {
  await using store = await openTestStore();
  const catalogue = catalogueOf(['Calm 0', 'Wild 1', 'Calm 2', 'Silent 3'].map((title) => trackOf(title, 'Known')));
  const cold = ['Calm 4', 'Wild 5', 'Calm 6', 'Wild 7'].map((title) => trackOf(title, 'Unheard'));
  const known = Array.from({ length: catalogue.size }, (_, row) => catalogue.track(row));
  await saveTracks(store.db, [...known, ...cold]);
  await saveFeatures(
    store.db,
    'file',
    [...known, ...cold].flatMap(({ id, title }) => {
      const [kind, at] = title.split(' ');
      if (kind === 'Silent') return [];
      return [{ trackId: id, ...(kind === 'Calm' ? calm : wild)(Number(at)), timeSignature: 4 }];
    }),
  );

  const songs = await readFeaturesFor(store.db, catalogue, signal);
  expect([...songs.rows]).toEqual([0, 1, 2]);
  expect(Array.from({ length: songs.cold.size }, (_, at) => songs.cold.track(at).title)).toEqual([
    'Calm 4',
    'Calm 6',
    'Wild 5',
    'Wild 7',
  ]);
  const withCold = featuresOfWorld(songs, catalogue, 'with cold')!;
  const recommender = openAudioFeatures(withCold);
  const { rows } = await recommender.candidates({ seeds: [{ row: 0, weight: 1 }] }, 3);
  await recommender.close();
  const titles = Array.from(rows, (row) =>
    row < catalogue.size ? catalogue.track(row).title : songs.cold.track(row - catalogue.size).title,
  );
  expect(titles.toSorted()).toEqual(['Calm 2', 'Calm 4', 'Calm 6']);

  // The same points, without those that have no row.
  const without = featuresOfWorld(songs, catalogue, 'catalogue only')!;
  expect([...without.rows]).toEqual([0, 1, 2]);
  expect([...without.values]).toEqual([...withCold.values.subarray(0, without.values.length)]);
  await expect(readFeaturesFor(store.db, catalogue, AbortSignal.abort(new Error('stopped')))).rejects.toThrow(
    'stopped',
  );

  const opened = await openFeatures(store, store.dataDir, signal);
  expect([opened.catalogue.size, opened.songs.cold.size, opened.matrix.rows.length]).toEqual([0, 7, 7]);
});

test('where nothing is known of the catalogue, there is nothing to recommend by', async () => {
  await using store = await openTestStore();
  await saveTracks(store.db, [trackOf('Unheard', 'Nobody')]);
  const catalogue = catalogueOf([trackOf('Known', 'Somebody')]);
  const none = await readFeaturesFor(store.db, catalogue, signal);
  expect(featuresOfWorld(none, catalogue, 'with cold')).toBeUndefined();
  await expect(openFeatures(store, store.dataDir, signal)).rejects.toMatchObject({ code: 'no-features' });
  await saveFeatures(store.db, 'file', [{ trackId: idOf('Unheard'), ...calm(1), timeSignature: null }]);
  const cold = await readFeaturesFor(store.db, catalogue, signal);
  expect(featuresOfWorld(cold, catalogue, 'catalogue only')).toBeUndefined();
  expect([...featuresOfWorld(cold, catalogue, 'with cold')!.rows]).toEqual([1]);
});
