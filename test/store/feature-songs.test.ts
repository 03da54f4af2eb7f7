import { expect, it } from 'vitest';
import { LISTEN_MS } from '../../src/music/play.ts';
import { type FeatureSong, readFeatureCoverage, readFeatureSongs } from '../../src/store/feature-songs.ts';
import { saveFeatures, type TrackFeatures } from '../../src/store/features.ts';
import { ensureListener } from '../../src/store/listeners.ts';
import { saveTracks } from '../../src/store/tracks.ts';
import { describeEachStore, type TestStore } from '../store-fixture.ts';

const id = (name: string | number) => String(name).padStart(22, '0');

const NONE: Omit<TrackFeatures, 'trackId'> = {
  danceability: null,
  energy: null,
  key: null,
  loudness: null,
  mode: null,
  speechiness: null,
  acousticness: null,
  instrumentalness: null,
  liveness: null,
  valence: null,
  tempo: null,
  timeSignature: null,
};

async function readAll({ db }: TestStore): Promise<{ pages: number[]; songs: FeatureSong[] }> {
  const pages: number[] = [];
  const songs: FeatureSong[] = [];
  for await (const page of readFeatureSongs(db)) {
    pages.push(page.length);
    songs.push(...page);
  }
  return { pages, songs };
}

describeEachStore('songs with features', (open) => {
  it('come with their names, once each, of several sources the first', async () => {
    await using store = await open();
    await saveTracks(store.db, [
      { id: id('b'), title: 'Africa', artists: ['TOTO', 'Guest'], isrc: 'USSM1' },
      { id: id('a'), title: 'Alone', artists: ['Heart'] },
      { id: id('c'), title: 'Without', artists: ['Nobody'] },
    ]);
    await saveFeatures(store.db, 'first', [{ ...NONE, trackId: id('b'), tempo: 92, key: 9, mode: 1 }]);
    await saveFeatures(store.db, 'another', [
      { ...NONE, trackId: id('b'), tempo: 184 },
      { ...NONE, trackId: id('a'), energy: 0.5 },
    ]);
    const { songs } = await readAll(store);
    expect(songs).toEqual([
      {
        ...NONE,
        trackId: id('a'),
        energy: 0.5,
        title: 'Alone',
        artists: ['Heart'],
        isrc: null,
        recordingKey: 'heart|alone',
      },
      {
        ...NONE,
        trackId: id('b'),
        tempo: 92,
        key: 9,
        mode: 1,
        title: 'Africa',
        artists: ['TOTO', 'Guest'],
        isrc: 'USSM1',
        recordingKey: 'toto|africa',
      },
    ]);
  });

  it('come in pages, each song in one, none where there are none', async () => {
    await using store = await open();
    expect((await readAll(store)).pages).toEqual([]);
    await store.exec(
      `insert into track (track_id, title, recording_key)
       select lpad(n::text, 22, '0'), 'Song ' || n, 'key ' || n from generate_series(1, 10001) as n`,
    );
    for (const source of ['one', 'two'])
      await store.exec(
        `insert into audio_feature (track_id, source, energy) select track_id, '${source}', 0.25 from track`,
      );
    const { pages, songs } = await readAll(store);
    expect(pages).toEqual([5000, 5000, 1]);
    expect(new Set(songs.map(({ trackId }) => trackId)).size).toBe(10_001);
    expect(songs[10_000]).toMatchObject({ trackId: id(10_001), title: 'Song 10001', artists: [], energy: 0.25 });
  });

  it('cover listens to any track of their recording', async () => {
    await using store = await open();
    const listener = await ensureListener(store.db, 'Somebody');
    const other = await ensureListener(store.db, 'Somebody else');
    expect(await readFeatureCoverage(store.db, listener)).toEqual({
      listens: 0,
      listensWithFeatures: 0,
      tracks: 0,
      tracksWithFeatures: 0,
    });
    await saveTracks(store.db, [
      { id: id('a'), title: 'Africa', artists: ['TOTO'] },
      { id: id('b'), title: 'Africa - Remastered', artists: ['TOTO'] },
      { id: id('c'), title: 'Other name', artists: ['TOTO'], isrc: 'USSM1' },
      { id: id('d'), title: 'Another name', artists: ['TOTO'], isrc: 'USSM1' },
      { id: id('e'), title: 'Unknown', artists: ['Nobody'] },
    ]);
    await saveFeatures(store.db, 'file', [
      { ...NONE, trackId: id('a'), energy: 0.5 },
      { ...NONE, trackId: id('c'), energy: 0.5 },
    ]);
    const play = (listenerId: number, track: string, minute: number, ms: number | null) =>
      store.exec(
        `insert into play (listener_id, track_id, ended_at, ms_played, source) values ($1, $2, $3, $4, 'export')`,
        [listenerId, id(track), new Date(Date.UTC(2026, 0, 1, 0, minute)), ms],
      );
    await play(listener, 'b', 1, LISTEN_MS);
    await play(listener, 'b', 9, null);
    await play(listener, 'd', 20, 200_000);
    await play(listener, 'e', 30, 200_000);
    await play(listener, 'a', 40, LISTEN_MS - 1);
    await play(other, 'e', 50, 200_000);
    expect(await readFeatureCoverage(store.db, listener)).toEqual({
      listens: 4,
      listensWithFeatures: 3,
      tracks: 3,
      tracksWithFeatures: 2,
    });
  });
});
