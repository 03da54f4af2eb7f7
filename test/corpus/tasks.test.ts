import { copyFile, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openCorpus } from '../../src/corpus/corpus-file.ts';
import { openReccoBeats } from '../../src/corpus/reccobeats.ts';
import { latestCorpus, listCorpora, listCorpusParts } from '../../src/store/corpora.ts';
import { saveExportPlaylist } from '../../src/store/export-library.ts';
import { saveTracks } from '../../src/store/tracks.ts';
import { buildCorpus } from '../../src/tasks/build-corpus.ts';
import { enrichFeatures } from '../../src/tasks/enrich-features.ts';
import { importFeatures } from '../../src/tasks/import-features.ts';
import { importPlaylists } from '../../src/tasks/import-playlists.ts';
import { describeEachStore, type TestStore } from '../store-fixture.ts';
import { addListener, someTracks } from '../tasks/editions.ts';
import { type LocalSpotify, openLocalSpotify } from '../tasks/local-spotify.ts';
import { contentsOf, folderWith, id } from './read-fixture.ts';

const demo = fileURLToPath(new URL('../../data/demo', import.meta.url));
const lines = (...lists: unknown[]) => lists.map((list) => JSON.stringify(list)).join('\n');
const track = (n: number) => ({ id: id(n), title: `Song ${n}`, artists: [`Artist ${n}`] });

describeEachStore('corpus tasks', (openStore) => {
  let store: TestStore;
  let spotify: LocalSpotify;
  let data: AsyncDisposable & { path: string };

  beforeEach(async () => {
    store = await openStore();
    spotify = await openLocalSpotify();
    data = await folderWith({});
  });
  afterEach(async () => {
    await spotify[Symbol.asyncDispose]();
    await data[Symbol.asyncDispose]();
    await store.close();
  });

  const readPlaylists = (...paths: string[]) =>
    importPlaylists({ store, dataDir: data.path, defaultPaths: [demo] }).run(
      paths.length > 0 ? { paths } : null,
      spotify.context(),
    );
  const build = (trainOnApiContent = false) =>
    buildCorpus({ store, dataDir: data.path, trainOnApiContent }).run(null, spotify.context());
  async function play(listenerId: number, source: 'api' | 'export', plays: [track: number, minute: number][]) {
    await saveTracks(
      store.db,
      plays.map(([n]) => track(n)),
    );
    const rows = plays.map(([n, minute]) => ({
      listener_id: listenerId,
      track_id: id(n),
      ended_at: new Date(minute * 60_000),
      source,
      ms_played: source === 'api' ? null : 60_000,
      polled_at: source === 'api' ? new Date(minute * 60_000) : null,
    }));
    await store.db.insertInto('play').values(rows).execute();
  }

  test('the bundled playlists become two corpora, and a second time nothing is read', async () => {
    const first = await readPlaylists();
    expect(first).toMatchObject({
      read: 1759,
      stored: 1310,
      alreadyThere: 0,
      skipped: { 'near copy of an earlier snapshot': 449 },
    });
    expect(await readPlaylists()).toMatchObject({
      read: 1759,
      stored: 0,
      alreadyThere: 1310,
      skipped: { 'near copy of an earlier snapshot': 449 },
    });
    const corpora = await listCorpora(store.db, 'source');
    expect(corpora.map(({ name, playlists, tokens }) => [name, playlists, tokens]).sort()).toEqual([
      ['pair-table-demo', 471, 32_246],
      ['playlist-archive-demo', 839, 66_366],
    ]);
    // A corpus folder that somebody deleted is made again.
    await rm(join(data.path, corpora[0]!.path), { recursive: true });
    expect(await readPlaylists()).toMatchObject({ stored: expect.any(Number), alreadyThere: expect.any(Number) });
    expect((await readdir(join(data.path, 'corpora'))).length).toBe(2);
    expect((await openCorpus(join(data.path, corpora[0]!.path))).manifest.counts.playlists).toBe(corpora[0]!.playlists);
    const imports = await store.db.selectFrom('import').selectAll().where('task', '=', 'import-playlists').execute();
    for (const row of imports) {
      const left = Object.values(row.skipped).reduce((sum, count) => sum + count, 0);
      expect(row.items_read).toBe(row.items_stored + row.items_already_there + left);
    }
  });

  test('paths that cannot be read fail in three lines, and do not cost the others', async () => {
    await using files = await folderWith({
      'good.jsonl': lines({ id: 'a', name: 'a', tracks: [id(1)] }),
      'odd/photo.txt': 'nothing',
    });
    const run = readPlaylists(join(files.path, 'absent'), join(files.path, 'good.jsonl'), join(files.path, 'odd'));
    await expect(run).rejects.toMatchObject({ code: 'source-not-found' });
    expect((await listCorpora(store.db, 'source')).map(({ name }) => name)).toEqual(['jsonl-good']);
    await expect(readPlaylists(join(files.path, 'odd'))).rejects.toMatchObject({ code: 'no-playlists' });
  });

  test('a changed file replaces its corpus; another of the same name stands beside it', async () => {
    const tracks = [id(1), id(2)];
    await using one = await folderWith({ 'lists.jsonl': lines({ id: 'a', name: 'a', tracks }) });
    await using two = await folderWith({ 'lists.jsonl': lines({ id: 'b', name: 'b', tracks }) });
    await readPlaylists(join(one.path, 'lists.jsonl'), join(two.path, 'lists.jsonl'));
    await using changed = await folderWith({ 'lists.jsonl': lines({ id: 'a', name: 'a', tracks: [id(3)] }) });
    await copyFile(join(changed.path, 'lists.jsonl'), join(one.path, 'lists.jsonl'));
    await readPlaylists(join(one.path, 'lists.jsonl'));
    await build();
    const training = await latestCorpus(store.db, 'training');
    const { playlists } = await contentsOf(await openCorpus(join(data.path, training!.path)));
    expect(playlists.map(({ tracks: ids }) => ids)).toEqual(expect.arrayContaining([[id(3)], [id(1), id(2)]]));
    expect((await listCorpusParts(store.db, training!.corpusId)).map(({ name }) => name).sort()).toEqual([
      'jsonl-lists',
      'jsonl-lists-2',
    ]);
  });

  test('the training corpus holds what was imported and exported, never what the API gave, and says what each covers', async () => {
    expect(await build()).toMatchObject({ skipped: expect.stringContaining('no playlists yet') });
    await using files = await folderWith({
      'lists.jsonl': lines({ id: 'a', name: 'a', tracks: [track(1), track(2)] }),
      'named.m3u8': '#EXTM3U\n#EXTINF:1,Artist 1 - Song 1\nx.mp3\n#EXTINF:1,Nobody - Nothing\ny.mp3\n',
    });
    await readPlaylists(files.path);
    const me = await addListener(store);
    await play(me, 'export', [
      [1, 0],
      [1, 2],
      [3, 5],
      [4, 100],
      [5, 300],
      [6, 310],
    ]);
    await play(me, 'api', [
      [7, 1000],
      [8, 1003],
    ]);
    const built = await build();
    expect(built).toMatchObject({
      playlists: 4,
      tokens: 7,
      namedTracks: { matchedTracks: 1, matchedTokens: 1, unmatchedTracks: 1, unmatchedTokens: 1 },
      playsCovered: 5 / 8,
      parts: [
        expect.objectContaining({ format: 'jsonl', playlists: 1, tokens: 2, tracks: 2, playsCovered: 2 / 8 }),
        expect.objectContaining({ format: 'm3u', playlists: 1 }),
        expect.objectContaining({
          name: 'listening sessions',
          playlists: 2,
          tokens: 4,
          tracks: 4,
          playsCovered: 5 / 8,
        }),
      ],
    });
    expect(await build()).toMatchObject({ skipped: expect.stringContaining('Nothing has changed') });
    const training = await latestCorpus(store.db, 'training');
    const { playlists } = await contentsOf(await openCorpus(join(data.path, training!.path)));
    expect(playlists.map(({ tracks }) => tracks)).toEqual(
      expect.arrayContaining([[id(1), id(3)], [id(5), id(6)], [id(1)]]),
    );
    expect(await build(true)).toMatchObject({ playlists: 5, playsCovered: 7 / 8 });
  });

  test('where there are several listeners, what each plays most is a playlist', async () => {
    const [me, other] = [await addListener(store, 'me'), await addListener(store, 'Ada')];
    const often = (songs: number[], from: number) =>
      songs.flatMap((song, at) => [0, 1, 2].map((time): [number, number] => [song, from + 1000 * time + at]));
    await play(me, 'export', [...often([1, 2], 0), [2, 9000], [3, 9500]]);
    await build();
    const listsOf = async () => {
      const training = await latestCorpus(store.db, 'training');
      const { playlists } = await contentsOf(await openCorpus(join(data.path, training!.path)));
      return playlists.filter(({ name }) => name.startsWith('What')).map(({ name, tracks }) => [name, tracks]);
    };
    expect(await listsOf()).toEqual([]);
    await play(other, 'export', [...often([4, 1], 200), [5, 9000]]);
    await build();
    expect(await listsOf()).toEqual([
      ['What me plays most', [id(2), id(1)]],
      ['What Ada plays most', [id(1), id(4)]],
    ]);
  });

  test('neither private sessions nor playlists that Segue made are learned from', async () => {
    const me = await addListener(store);
    await play(me, 'export', [
      [1, 0],
      [2, 3],
      [3, 300],
      [4, 303],
    ]);
    const later = new Date(200 * 60_000);
    await store.db.updateTable('play').set({ private_session: true }).where('ended_at', '>', later).execute();
    const lists = [
      { name: 'Mine', description: 'Songs about segue-ways', items: [5, 6] },
      { name: 'Segue Weekly', description: '30 songs for you segue-0123456789bc', items: [7, 8] },
    ];
    await saveTracks(store.db, [5, 6, 7, 8].map(track));
    for (const list of lists) {
      const items = list.items.map((n) => ({ trackId: id(n), addedAt: null }));
      await saveExportPlaylist(store.db, me, { ...list, items }, later);
    }
    expect(await build()).toMatchObject({ playlists: 2, tokens: 4 });
    const training = await latestCorpus(store.db, 'training');
    const { playlists } = await contentsOf(await openCorpus(join(data.path, training!.path)));
    expect(playlists.map(({ tracks }) => tracks)).toEqual([
      [id(5), id(6)],
      [id(1), id(2)],
    ]);
  });

  test('audio features by CSV: every row accounted for, a second time already there', async () => {
    const header =
      'track_id,track_name,track_artist,danceability,energy,key,loudness,mode,speechiness,acousticness,instrumentalness,liveness,valence,tempo';
    const row = (n: number, energy = '0.5') => `${id(n)},Song ${n},Artist,0.5,${energy},1,-5,1,0.1,0.1,0.1,0.1,0.1,120`;
    await using files = await folderWith({
      'features.csv': [header, row(1), row(2, 'high'), row(1), row(3)].join('\n'),
      'notes.csv': 'a,b\n1,2\n',
    });
    const run = (path: string) => importFeatures({ store, defaultPaths: [] }).run({ paths: [path] }, spotify.context());
    const skipped = { 'text where a number belongs': 1, 'same track again': 1 };
    expect(await run(files.path)).toEqual({ read: 4, stored: 2, alreadyThere: 0, skipped });
    expect(await run(files.path)).toEqual({ read: 4, stored: 0, alreadyThere: 2, skipped });
    const stored = await store.db
      .selectFrom('audio_feature')
      .select(['track_id', 'energy', 'source'])
      .orderBy('track_id')
      .execute();
    expect(stored).toEqual([
      { track_id: id(1), energy: 0.5, source: 'csv' },
      { track_id: id(3), energy: 0.5, source: 'csv' },
    ]);
    await expect(run(join(files.path, 'notes.csv'))).rejects.toMatchObject({ code: 'no-features' });
  });

  test('ReccoBeats is asked only when it is on, once for each track, and waits when told to', async () => {
    const listenerId = await addListener(store);
    const world = someTracks(spotify.simulator.world, 60);
    await saveTracks(
      store.db,
      world.map((t) => ({ id: t.id, title: t.title, artists: t.artists.map(({ name }) => name) })),
    );
    const enrich = (isOn: boolean) =>
      enrichFeatures({
        store,
        listenerId,
        reccoBeats: isOn ? openReccoBeats(spotify.simulator.reccobeatsUrl, 'segue-test') : undefined,
      }).run(null, spotify.context());
    expect(await enrich(false)).toMatchObject({ skipped: expect.stringContaining('SEGUE_ENRICH_FEATURES') });
    spotify.simulator.change({ reccobeatsLimit: { calls: 1, windowMs: 20_000 } });
    const result = (await enrich(true)) as { asked: number; found: number; missed: number };
    expect(result.asked).toBe(60);
    expect(result.found + result.missed).toBe(60);
    expect(result.found).toBeGreaterThan(0);
    expect(spotify.clock.slept.length).toBeGreaterThan(0);
    const count = async (table: 'audio_feature' | 'audio_feature_miss') =>
      (await store.db.selectFrom(table).select('track_id').execute()).length;
    expect([await count('audio_feature'), await count('audio_feature_miss')]).toEqual([result.found, result.missed]);
    expect(await enrich(true)).toMatchObject({ skipped: expect.stringContaining('asked for lately') });
  });
});
