import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { isSkipped } from '../../src/base/task.ts';
import type { CatalogueTrack } from '../../src/simulator/catalogue.ts';
import { findEffect } from '../../src/store/effects.ts';
import { findPublication } from '../../src/store/publications.ts';
import { type PublishInput, type PublishSettings, publish } from '../../src/tasks/publish.ts';
import { describeEachStore, type TestStore } from '../store-fixture.ts';
import { addEdition, addListener, someTracks } from './editions.ts';
import { LISTENER, type LocalSpotify, openLocalSpotify } from './local-spotify.ts';

const SETTINGS: PublishSettings = { mode: 'in-place', name: 'Segue Weekly', public: false, timeZone: 'UTC' };
const uris = (tracks: readonly CatalogueTrack[]) => tracks.map((track) => `spotify:track:${track.id}`);

describeEachStore('publish', (openStore) => {
  let store: TestStore;
  let spotify: LocalSpotify;
  let listenerId: number;
  let before: Set<string>;

  beforeEach(async () => {
    store = await openStore();
    spotify = await openLocalSpotify();
    listenerId = await addListener(store);
    before = new Set(account());
  });
  afterEach(() => spotify[Symbol.asyncDispose]());

  const account = () => spotify.simulator.state.listeners[LISTENER]!.playlists;
  /** Playlists that came to the account since the test began. */
  const made = () =>
    account()
      .filter((id) => !before.has(id))
      .map((id) => spotify.simulator.state.playlists[id]!);
  const contents = (id: string) => spotify.simulator.state.playlists[id]!.items.map((item) => item.uri);
  const run = (settings: Partial<PublishSettings> = {}, input: PublishInput = null, runKey = 'run-1') =>
    publish({ store, spotify: spotify.connect(), listenerId, settings: { ...SETTINGS, ...settings } }).run(
      input,
      spotify.context(runKey),
    );

  test('an edition becomes a playlist, and running it again changes nothing', async () => {
    const tracks = someTracks(spotify.simulator.world, 30);
    const edition = await addEdition(store, listenerId, tracks);
    const output = await run();
    const [playlist, ...others] = made();
    expect(others).toEqual([]);
    expect(contents(playlist!.id)).toEqual(uris(tracks));
    expect(playlist).toMatchObject({ name: 'Segue Weekly' });
    expect(playlist!.description).toMatch(/^30 songs for 22\/11\/2026, .* segue-[0-9a-z]{12}$/);
    expect(output).toMatchObject({ playlist: playlist!.id, items: 30, created: true, verified: true, writes: 1 });
    expect(await findPublication(store.db, edition)).toMatchObject({
      playlistId: playlist!.id,
      items: 30,
      verifiedAt: expect.any(Date),
      snapshot: expect.any(String),
    });
    const { status } = await store.db.selectFrom('edition').select('status').executeTakeFirstOrThrow();
    expect(status).toBe('published');

    const { revision } = playlist!;
    expect(isSkipped(await run())).toBe(true);
    expect(await run({}, { edition })).toMatchObject({ created: false, writes: 0, verified: true });
    expect(made().length).toBe(1);
    expect(contents(playlist!.id)).toEqual(uris(tracks));
    expect(revision).toBeGreaterThan(0);
  });

  test('the ledger is on the disk before the playlist is asked for', async () => {
    await addEdition(store, listenerId, someTracks(spotify.simulator.world, 3));
    const askedAtFlush: number[] = [];
    const flush = async () => {
      expect(await store.db.selectFrom('effect').select('status').execute()).toEqual([{ status: 'doing' }]);
      askedAtFlush.push(spotify.simulator.requests.to('POST', '/me/playlists').length);
    };
    const deps = { store: { ...store, flush }, spotify: spotify.connect(), listenerId, settings: SETTINGS };
    await publish(deps).run(null, spotify.context('run-1'));
    expect(askedAtFlush).toEqual([0]);
    expect(made().length).toBe(1);
  });

  test('the next edition replaces the songs in place', async () => {
    const [first, second] = [someTracks(spotify.simulator.world, 30), someTracks(spotify.simulator.world, 25, 10)];
    await addEdition(store, listenerId, first);
    await run();
    const createdAt = new Date('2026-11-29T06:00:00Z');
    await addEdition(store, listenerId, second, { runKey: 'run-2', createdAt });
    const output = await run({ name: 'Week of {date}' }, null, 'run-2');
    expect(output).toMatchObject({ created: false, items: 25, name: 'Week of 29/11/2026' });
    expect(made()).toMatchObject([{ name: 'Week of 29/11/2026' }]);
    expect(contents(made()[0]!.id)).toEqual(uris(second));
    // A run that was resumed late does not put last week's songs back.
    await store.db.updateTable('publication').set({ verified_at: null }).execute();
    expect(await run()).toEqual({ skipped: expect.stringContaining('newer') });
    expect(contents(made()[0]!.id)).toEqual(uris(second));
  });

  test('mode new makes one playlist for each edition, named by its date', async () => {
    const settings = { mode: 'new', name: 'AI Generated Playlist - {date}' } as const;
    for (const [index, day] of ['2026-11-22', '2026-11-29'].entries()) {
      const runKey = `run-${index}`;
      const createdAt = new Date(`${day}T06:00:00Z`);
      await addEdition(store, listenerId, someTracks(spotify.simulator.world, 20, index * 20), { runKey, createdAt });
      await run(settings, null, runKey);
      await run(settings, null, runKey);
    }
    expect(
      made()
        .map((playlist) => playlist.name)
        .sort(),
    ).toEqual(['AI Generated Playlist - 22/11/2026', 'AI Generated Playlist - 29/11/2026']);
  });

  test('250 songs go in hundreds, in order', async () => {
    const tracks = someTracks(spotify.simulator.world, 250);
    await addEdition(store, listenerId, tracks);
    expect(await run()).toMatchObject({ items: 250, writes: 1 });
    expect(contents(made()[0]!.id)).toEqual(uris(tracks));
  });

  test('a playlist that the listener removed is replaced by a new one', async () => {
    await addEdition(store, listenerId, someTracks(spotify.simulator.world, 10));
    await run();
    const removed = made()[0]!.id;
    const { playlists } = spotify.simulator.state.listeners[LISTENER]!;
    playlists.splice(playlists.indexOf(removed), 1);
    before.add(removed);
    const next = someTracks(spotify.simulator.world, 12, 30);
    await addEdition(store, listenerId, next, { runKey: 'run-2', createdAt: new Date('2026-11-29T06:00:00Z') });
    expect(await run({}, null, 'run-2')).toMatchObject({ created: true });
    expect(made().map((playlist) => contents(playlist.id))).toEqual([uris(next)]);
    expect(made()[0]!.id).not.toBe(removed);
  });

  test('what others change in the playlist is put right', async () => {
    const tracks = someTracks(spotify.simulator.world, 40);
    const edition = await addEdition(store, listenerId, tracks);
    await run();
    const { id } = made()[0]!;
    spotify.simulator.editPlaylist(id, uris(tracks).toReversed());
    expect(await run({}, { edition })).toMatchObject({ writes: 1, verified: true });
    expect(contents(id)).toEqual(uris(tracks));
  });

  test('an edit between writing and checking costs another round', async () => {
    const tracks = someTracks(spotify.simulator.world, 150);
    const edition = await addEdition(store, listenerId, tracks);
    const api = spotify.connect();
    let edits = 0;
    const addItems: typeof api.addItems = async (id, added, options) => {
      const snapshot = await api.addItems(id, added, options);
      // Somebody moves a song in Spotify's own app, right after our last write.
      if (edits++ === 0) spotify.simulator.editPlaylist(id, uris(tracks).toSpliced(3, 1));
      return snapshot;
    };
    const task = publish({ store, spotify: { ...api, addItems }, listenerId, settings: SETTINGS });
    expect(await task.run({ edition }, spotify.context())).toMatchObject({ writes: 2, verified: true, items: 150 });
    expect(contents(made()[0]!.id)).toEqual(uris(tracks));
  });

  test('somebody who keeps editing ends it with an error that is tried again later', async () => {
    const tracks = someTracks(spotify.simulator.world, 20);
    await addEdition(store, listenerId, tracks);
    const api = spotify.connect();
    const replaceItems: typeof api.replaceItems = async (id, written, options) => {
      const snapshot = await api.replaceItems(id, written, options);
      spotify.simulator.editPlaylist(id, uris(tracks).toReversed());
      return snapshot;
    };
    const task = publish({ store, spotify: { ...api, replaceItems }, listenerId, settings: SETTINGS });
    await expect(task.run(null, spotify.context())).rejects.toMatchObject({
      code: 'publish-not-verified',
      retryable: true,
    });
    expect(await store.db.selectFrom('publication').selectAll().execute()).toEqual([]);
  });

  test.each(['accepted', 'refused'] as const)(
    'songs that Spotify does not know (%s) are reported',
    async (deadUris) => {
      spotify.simulator.change({ deadUris });
      const tracks = someTracks(spotify.simulator.world, 20);
      const dead = { ...tracks[4]!, id: '0000000000000000000000' };
      const edition = await addEdition(store, listenerId, tracks.with(4, dead));
      const output = await run();
      const accepted = deadUris === 'accepted';
      expect(output).toMatchObject(accepted ? { gone: [dead.id], items: 20 } : { unavailable: [dead.id], items: 19 });
      const rest = uris(tracks).toSpliced(4, 1);
      expect(contents(made()[0]!.id).filter((uri) => uri !== `spotify:track:${dead.id}`)).toEqual(rest);
      const row = store.db.selectFrom('track').select('is_playable').where('track_id', '=', dead.id);
      expect(await row.executeTakeFirst()).toEqual({ is_playable: false });
      expect(await run({}, { edition })).toMatchObject({ verified: true });
    },
  );

  test('songs known by name only are left out and counted', async () => {
    const tracks = someTracks(spotify.simulator.world, 5);
    const named = { ...tracks[1]!, id: 'name:a song of a file' };
    await addEdition(store, listenerId, tracks.with(1, named));
    expect(await run()).toMatchObject({ items: 4, notOnSpotify: 1 });
    expect(contents(made()[0]!.id)).toEqual(uris(tracks).toSpliced(1, 1));
  });

  test('a dry run tells what would be written and writes nothing', async () => {
    await addEdition(store, listenerId, someTracks(spotify.simulator.world, 130));
    const output = await run({}, { dryRun: true });
    expect(output).toMatchObject({ dryRun: true, name: 'Segue Weekly', songs: 130, calls: 2, notOnSpotify: 0 });
    expect(made()).toEqual([]);
    expect(await store.db.selectFrom('effect').selectAll().execute()).toEqual([]);
    expect(spotify.simulator.faults.callCount).toBe(0);
  });

  test('without an edition there is nothing to do; one that does not exist is an error', async () => {
    expect(await run()).toEqual({ skipped: expect.stringContaining('segue recommend') });
    await expect(run({}, { edition: 4711 })).rejects.toMatchObject({ code: 'no-edition', retryable: false });
  });

  test('the cover is uploaded once for each picture', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'segue-test-'));
    try {
      const cover = join(folder, 'cover.jpg');
      await writeFile(cover, Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xe0]), Buffer.alloc(2000, 1)]));
      const edition = await addEdition(store, listenerId, someTracks(spotify.simulator.world, 5));
      expect(await run({ cover })).toMatchObject({ cover: 'uploaded' });
      expect(await run({ cover }, { edition })).toMatchObject({ cover: 'unchanged' });
      expect(made()[0]!.covers.length).toBe(1);
      await writeFile(cover, 'GIF89a');
      await expect(run({ cover }, { edition })).rejects.toMatchObject({ code: 'cover-not-jpeg' });
      await writeFile(cover, Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xe0]), Buffer.alloc(200_000, 1)]));
      await expect(run({ cover }, { edition })).rejects.toMatchObject({ code: 'cover-too-large' });
      await expect(run({ cover: join(folder, 'none.jpg') }, { edition })).rejects.toMatchObject({
        code: 'cover-not-readable',
      });
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test('a creation whose outcome is unknown is looked for before it is made again', async () => {
    const tracks = someTracks(spotify.simulator.world, 10);
    await addEdition(store, listenerId, tracks);
    spotify.simulator.faults.add({ kind: 'reset-after', match: { method: 'POST', path: '/me/playlists' } });
    await expect(run()).rejects.toMatchObject({ code: 'outcome-unknown', retryable: true });
    expect(made().length).toBe(1);
    const key = `playlist/in-place/${listenerId}/weekly`;
    expect(await findEffect(store.db, key)).toMatchObject({ status: 'doing', remoteId: null });
    expect(await run()).toMatchObject({ created: false, verified: true });
    expect(made().length).toBe(1);
    expect(await findEffect(store.db, key)).toMatchObject({ status: 'done', remoteId: made()[0]!.id });
    // Nothing was made this time: the next attempt waits until the first cannot take effect any more, then makes it.
  });

  test('a creation that did not happen is made again, after the time in which it still might', async () => {
    await addEdition(store, listenerId, someTracks(spotify.simulator.world, 10));
    spotify.simulator.faults.add({ kind: 'reset-before', match: { method: 'POST', path: '/me/playlists' } });
    await expect(run()).rejects.toMatchObject({ code: 'outcome-unknown' });
    const started = spotify.clock.now().getTime();
    expect(await run()).toMatchObject({ created: true, verified: true });
    expect(spotify.clock.now().getTime() - started).toBeGreaterThan(50_000);
    expect(made().length).toBe(1);
  });
});
