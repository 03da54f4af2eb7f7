import { appendFile, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { listRaw } from '../../src/base/raw-landing.ts';
import type { Store } from '../../src/store/connect.ts';
import { importHistory } from '../../src/tasks/import-history.ts';
import { rebuild } from '../../src/tasks/rebuild.ts';
import { syncLibrary } from '../../src/tasks/sync-library.ts';
import { syncPlays } from '../../src/tasks/sync-plays.ts';
import { describeEachStore, openTestStore, type TestStore } from '../store-fixture.ts';
import { addEdition, addListener, someTracks } from './editions.ts';
import { LISTENER, type LocalSpotify, openLocalSpotify } from './local-spotify.ts';

const HOUR_MS = 3_600_000;

/** What the raw landing gives, without numbers that the database hands out and times at which rows were stored. */
const COLLECTED = {
  play: `select listener.name, to_jsonb(play) - '{play_id,stored_at,listener_id}'::text[] as row
    from play join listener using (listener_id)`,
  play_gap: `select to_jsonb(play_gap) - '{play_gap_id,listener_id}'::text[] as row from play_gap`,
  track: `select to_jsonb(track) - '{album_id,added_at}'::text[] as row, album.name as album, album.spotify_album_id
    from track left join album using (album_id)`,
  artists: `select track_id, position, artist.name, artist.spotify_artist_id from track_artist join artist using (artist_id)`,
  artist: `select to_jsonb(artist) - 'artist_id' as row from artist`,
  album: `select to_jsonb(album) - '{album_id,artist_id}'::text[] as row, artist.name
    from album left join artist using (artist_id)`,
  liked_track: `select to_jsonb(liked_track) - 'listener_id' as row from liked_track`,
  playlist: `select to_jsonb(playlist) - '{playlist_id,listener_id}'::text[] as row from playlist`,
  playlist_item: `select spotify_playlist_id, playlist.name, to_jsonb(playlist_item) - 'playlist_id' as row
    from playlist_item join playlist using (playlist_id)`,
  top_item: `select to_jsonb(top_item) - '{listener_id,artist_id}'::text[] as row, artist.name
    from top_item left join artist using (artist_id)`,
};
const KEPT = [
  'listener',
  'account',
  'edition',
  'edition_item',
  'effect',
  'publication',
  'import',
  'audio_feature',
  'run',
];

async function dump(store: Store, tables: Record<string, string>): Promise<Record<string, string[]>> {
  const dumped: Record<string, string[]> = {};
  for (const [name, query] of Object.entries(tables)) {
    const { rows } = await sql<object>`${sql.raw(query)}`.execute(store.db);
    dumped[name] = rows.map((row) => JSON.stringify(row)).sort();
  }
  return dumped;
}
const dumpKept = (store: Store) => dump(store, Object.fromEntries(KEPT.map((name) => [name, `select * from ${name}`])));

describeEachStore('rebuild', (openStore, kind) => {
  let store: TestStore;
  let spotify: LocalSpotify;
  let dataDir: string;
  let listener: { id: number; name: string };

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

  const deps = () => ({ store, spotify: spotify.connect(), listener, dataDir });
  const sync = () => syncPlays(deps()).run(null, spotify.context());
  const library = () => syncLibrary(deps()).run(null, spotify.context());
  async function importExport(): Promise<void> {
    const { name, bytes } = spotify.simulator.exportHistory();
    const path = join(dataDir, name);
    await writeFile(path, bytes);
    const landedBefore = new Set(await listRaw(dataDir, 'history'));
    await importHistory({ store, dataDir, listener: 'me' }).run({ paths: [path] }, spotify.context());
    await rm(path);
    // The test's clock is not the disk's, by which a file without an entry in the list of imports is placed in time.
    const at = spotify.clock.now();
    for (const raw of await listRaw(dataDir, 'history')) if (!landedBefore.has(raw)) await utimes(raw, at, at);
  }
  /** A month with all that happens: an export, polls, a gap, an export that fills it, a library that changes, an edition. */
  async function live(): Promise<void> {
    await sync();
    await importExport();
    await library();
    spotify.clock.advance(HOUR_MS);
    await sync();
    spotify.clock.advance(20 * HOUR_MS);
    expect(await sync()).toMatchObject({ gap: expect.any(Object) });
    const account = spotify.simulator.state.listeners[LISTENER]!;
    delete account.saved[Object.keys(account.saved)[3]!];
    account.playlists.shift();
    spotify.simulator.editPlaylist(account.playlists[0]!, []);
    await library();
    await importExport();
    spotify.clock.advance(HOUR_MS);
    await sync();
    spotify.clock.advance(20 * HOUR_MS);
    await sync();
    await addEdition(store, listener.id, someTracks(spotify.simulator.world, 20, 800));
  }

  test('gives the same tables, and leaves the rest alone', async () => {
    await live();
    const before = await dump(store, COLLECTED);
    const kept = await dumpKept(store);
    expect(before.play!.length).toBeGreaterThan(500);
    expect(before.play_gap!.length).toBe(2);
    const report = await rebuild({ store, dataDir }, spotify.context());
    expect(report).toMatchObject({ polls: 5, historyFiles: 3, playsBefore: before.play!.length, unreadable: 0 });
    expect(report.plays).toBe(report.playsBefore);
    const after = await dump(store, COLLECTED);
    for (const table of Object.keys(COLLECTED)) expect(after[table], table).toEqual(before[table]);
    expect(await dumpKept(store)).toEqual(kept);
  });

  test('fills an empty database', async () => {
    await live();
    // The edition's songs came from a playlist file and not from the raw landing.
    await store.db.deleteFrom('edition').execute();
    await rebuild({ store, dataDir }, spotify.context());
    const before = await dump(store, COLLECTED);
    await using fresh = await openTestStore(kind);
    await rebuild({ store: fresh, dataDir }, spotify.context());
    const after = await dump(fresh, COLLECTED);
    for (const table of Object.keys(COLLECTED)) expect(after[table], table).toEqual(before[table]);
  });

  test('cut off in the middle, it leaves everything as it was', async () => {
    await sync();
    await library();
    const before = await dump(store, COLLECTED);
    const abort = new AbortController();
    const progress = () => abort.abort(new Error('Ctrl-C'));
    await expect(rebuild({ store, dataDir }, { ...spotify.context(), signal: abort.signal, progress })).rejects.toThrow(
      'Ctrl-C',
    );
    expect(await dump(store, COLLECTED)).toEqual(before);
  });

  test('refuses where the raw landing is not complete', async () => {
    await sync();
    spotify.clock.advance(20 * HOUR_MS);
    await sync();
    const before = await dump(store, COLLECTED);
    const [file] = await listRaw(dataDir, 'plays');
    await rm(file!);
    await expect(rebuild({ store, dataDir }, spotify.context())).rejects.toMatchObject({ code: 'rebuild-would-lose' });
    expect(await dump(store, COLLECTED)).toEqual(before);
    expect(await rebuild({ store, dataDir, allowFewer: true }, spotify.context())).toMatchObject({ plays: 0 });
  });

  test('a line that a power cut tore costs itself only', async () => {
    await sync();
    const [file] = await listRaw(dataDir, 'plays');
    await appendFile(file!, '{"listener":"me","fetchedAt":"2026-11-22T14:1');
    spotify.clock.advance(HOUR_MS);
    await sync();
    const before = await dump(store, COLLECTED);
    expect(await rebuild({ store, dataDir }, spotify.context())).toMatchObject({ polls: 2, unreadable: 1 });
    expect(await dump(store, COLLECTED)).toEqual(before);
  });
});
