import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { listRaw, readRaw } from '../../src/base/raw-landing.ts';
import { publish } from '../../src/tasks/publish.ts';
import { syncLibrary } from '../../src/tasks/sync-library.ts';
import { describeEachStore, type TestStore } from '../store-fixture.ts';
import { addEdition, addListener, someTracks } from './editions.ts';
import { LISTENER, type LocalSpotify, openLocalSpotify } from './local-spotify.ts';

describeEachStore('sync-library', (openStore) => {
  let store: TestStore;
  let spotify: LocalSpotify;
  let listener: { id: number; name: string };
  let dataDir: string;

  beforeEach(async () => {
    store = await openStore();
    dataDir = await mkdtemp(join(tmpdir(), 'segue-test-'));
    spotify = await openLocalSpotify();
    listener = { id: await addListener(store), name: 'me' };
  });
  afterEach(async () => {
    await spotify[Symbol.asyncDispose]();
    await rm(dataDir, { recursive: true });
  });

  const sync = () => syncLibrary({ store, spotify: spotify.connect(), listener, dataDir }).run(null, spotify.context());
  const account = () => spotify.simulator.state.listeners[LISTENER]!;
  const playlists = () => store.db.selectFrom('playlist').selectAll().orderBy('spotify_playlist_id').execute();
  const likes = () => store.db.selectFrom('liked_track').selectAll().orderBy('track_id').execute();
  const callsTo = (pattern: RegExp) =>
    spotify.simulator.requests.entries.filter((request) => pattern.test(request.path)).length;
  async function landedParts(): Promise<string[]> {
    const parts: string[] = [];
    for (const path of await listRaw(dataDir, 'library')) {
      for await (const batch of readRaw(path)) parts.push(...(batch as { part: string }[]).map(({ part }) => part));
    }
    return parts;
  }

  test('own playlists come with their songs, those of others by name only', async () => {
    const output = (await sync()) as Record<string, number>;
    const { simulator } = spotify;
    const stored = await playlists();
    expect(stored.map((row) => row.spotify_playlist_id)).toEqual([...account().playlists].sort());
    expect(output).toMatchObject({ playlists: 6, playlistsOfOthers: 2, playlistsFetched: 4, playlistsUnchanged: 0 });
    for (const row of stored) {
      const playlist = simulator.state.playlists[row.spotify_playlist_id!]!;
      expect(row).toMatchObject({ name: playlist.name, source: 'api', owned: playlist.ownerId === LISTENER });
      const items = await store.db
        .selectFrom('playlist_item')
        .select(['position', 'track_id'])
        .where('playlist_id', '=', row.playlist_id)
        .orderBy('position')
        .execute();
      const tracks = playlist.items.flatMap(({ uri }, position) =>
        uri?.startsWith('spotify:track:') ? [{ position, track_id: uri.slice(14) }] : [],
      );
      expect(items).toEqual(row.owned ? tracks : []);
    }
    // One of the playlists holds a local file, a vanished song and an episode.
    expect(output.skipped).toEqual({ local: 1, null: 1, episode: 1 });
  });

  test('liked songs and top items are stored in their order', async () => {
    const output = await sync();
    expect(output).toMatchObject({ liked: 120, topTracks: 150, likedNew: 120, likedRemoved: 0 });
    const saved = account().saved;
    expect((await likes()).map((row) => [row.track_id, row.liked_at?.getTime(), row.source])).toEqual(
      Object.entries(saved)
        .map(([uri, at]) => [uri.slice(14), Math.floor(at / 1000) * 1000, 'api'])
        .sort(([a], [b]) => (a! < b! ? -1 : 1)),
    );
    const top = await store.db
      .selectFrom('top_item')
      .select(['kind', 'time_range', ({ fn }) => fn.countAll<number>().as('entries')])
      .groupBy(['kind', 'time_range'])
      .execute();
    expect(top.length).toBe(6);
    const page = await spotify.connect().topTracks('short_term').next();
    const stored = await store.db
      .selectFrom('top_item')
      .select('track_id')
      .where('kind', '=', 'track')
      .where('time_range', '=', 'short_term')
      .orderBy('rank')
      .execute();
    expect(stored.map((row) => row.track_id)).toEqual(page.done ? [] : page.value.rows.map(({ id }) => id));
  });

  test('what did not change is neither fetched nor landed again', async () => {
    await sync();
    const parts = await landedParts();
    expect(parts.filter((part) => part === 'playlist-items').length).toBe(4);
    spotify.simulator.requests.clear();
    expect(await sync()).toMatchObject({ playlistsFetched: 0, playlistsUnchanged: 4, likedNew: 0, likedRemoved: 0 });
    expect(callsTo(/\/items$/)).toBe(0);
    expect(await landedParts()).toEqual(parts);
  });

  test('only the playlist that changed is fetched again', async () => {
    await sync();
    const [changed] = account().playlists;
    const tracks = someTracks(spotify.simulator.world, 3, 100).map(({ id }) => id);
    spotify.simulator.editPlaylist(
      changed!,
      tracks.map((id) => `spotify:track:${id}`),
    );
    expect(await sync()).toMatchObject({ playlistsFetched: 1, playlistsUnchanged: 3, playlistItems: 3 });
    const items = await store.db
      .selectFrom('playlist_item')
      .innerJoin('playlist', 'playlist.playlist_id', 'playlist_item.playlist_id')
      .select('track_id')
      .where('spotify_playlist_id', '=', changed!)
      .orderBy('position')
      .execute();
    expect(items.map((row) => row.track_id)).toEqual(tracks);
  });

  test('unliked songs and removed playlists go', async () => {
    await sync();
    const gone = account().playlists.shift()!;
    const [unliked] = Object.keys(account().saved);
    delete account().saved[unliked!];
    expect(await sync()).toMatchObject({ playlists: 5, playlistsRemoved: 1, liked: 119, likedRemoved: 1 });
    expect((await playlists()).some((row) => row.spotify_playlist_id === gone)).toBe(false);
    expect((await likes()).some((row) => `spotify:track:${row.track_id}` === unliked)).toBe(false);
  });

  test('a like that an export told of stays where the account does not list it', async () => {
    await sync();
    const [track] = someTracks(spotify.simulator.world, 1, 700);
    const row = { listener_id: listener.id, track_id: track!.id, source: 'export' as const };
    await store.db
      .insertInto('track')
      .values({ track_id: track!.id, title: track!.title, recording_key: 'x' })
      .execute();
    await store.db.insertInto('liked_track').values(row).execute();
    await sync();
    expect((await likes()).filter(({ source }) => source === 'export').map(({ track_id }) => track_id)).toEqual([
      track!.id,
    ]);
  });

  test('an interrupted sync keeps what it has and goes on from there', async () => {
    const [, second] = account().playlists;
    spotify.simulator.faults.add({
      kind: 'status',
      status: 500,
      always: true,
      match: { path: `/playlists/${second}/items` },
    });
    await expect(sync()).rejects.toMatchObject({ code: 'spotify-down', retryable: true });
    spotify.simulator.faults.clear();
    expect(await sync()).toMatchObject({ playlistsFetched: 3, playlistsUnchanged: 1 });
  });

  test("Segue's own playlist is listed, but its songs are no taste of the listener's", async () => {
    await addEdition(store, listener.id, someTracks(spotify.simulator.world, 10));
    const settings = { mode: 'in-place', name: 'Segue Weekly', public: false, timeZone: 'UTC' } as const;
    const task = publish({ store, spotify: spotify.connect(), listenerId: listener.id, settings });
    await task.run(null, spotify.context());
    expect(await sync()).toMatchObject({ playlists: 7, playlistsOfSegue: 1, playlistsFetched: 4 });
  });
});
