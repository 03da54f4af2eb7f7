import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { listRaw, readRaw } from '../../src/base/raw-landing.ts';
import { saveTracks } from '../../src/store/tracks.ts';
import { syncPlays } from '../../src/tasks/sync-plays.ts';
import { describeEachStore, type TestStore } from '../store-fixture.ts';
import { addListener, someTracks } from './editions.ts';
import { type LocalSpotify, openLocalSpotify } from './local-spotify.ts';

const HOUR_MS = 3_600_000;

describeEachStore('sync-plays', (openStore) => {
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

  const sync = () => syncPlays({ store, spotify: spotify.connect(), listener, dataDir }).run(null, spotify.context());
  const plays = () =>
    store.db.selectFrom('play').select(['track_id', 'ended_at', 'source', 'polled_at']).orderBy('ended_at').execute();
  async function landed(): Promise<{ items: unknown[] }[]> {
    const lines: { items: unknown[] }[] = [];
    for (const path of await listRaw(dataDir, 'plays')) {
      for await (const batch of readRaw(path)) lines.push(...(batch as { items: unknown[] }[]));
    }
    return lines;
  }

  test('the latest 50 are stored with their tracks, and a second time nothing is', async () => {
    expect(await sync()).toEqual({ fetched: 50, skipped: {}, stored: 50, alreadyThere: 0, merged: 0, gap: null });
    expect(await sync()).toMatchObject({ fetched: 50, stored: 0, alreadyThere: 50, gap: null });
    const stored = await plays();
    expect(stored.length).toBe(50);
    expect(new Set(stored.map((play) => play.source))).toEqual(new Set(['api']));
    // One line, in the file of the month; the second sync brought nothing to keep.
    expect((await landed()).map((line) => line.items.length)).toEqual([50]);
    expect(await listRaw(dataDir, 'plays')).toEqual([join(dataDir, 'raw', 'plays', 'me-2026-11.ndjson')]);
    expect(await readFile((await listRaw(dataDir, 'plays'))[0]!, 'utf8')).not.toContain('token');

    const bare = await store.db
      .selectFrom('track')
      .leftJoin('track_artist', 'track_artist.track_id', 'track.track_id')
      .select('track.track_id')
      .where((row) =>
        row.or([row('album_id', 'is', null), row('artist_id', 'is', null), row('duration_ms', 'is', null)]),
      )
      .execute();
    expect(bare).toEqual([]);
    const { world } = spotify.simulator;
    const isrcs = await store.db.selectFrom('track').select(['track_id', 'isrc']).execute();
    expect(isrcs.map(({ isrc }) => isrc)).toEqual(
      isrcs.map(({ track_id }) => world.catalogue.tracks.get(track_id)!.isrc ?? null),
    );
  });

  test('an hour later only the new ones are landed and stored', async () => {
    await sync();
    spotify.clock.advance(HOUR_MS);
    const output = (await sync()) as { stored: number; gap: unknown };
    expect(output.stored).toBeGreaterThan(0);
    expect(output.stored).toBeLessThan(50);
    expect(output.gap).toBeNull();
    expect((await landed()).map((line) => line.items.length)).toEqual([50, output.stored]);
    expect((await plays()).length).toBe(50 + output.stored);
  });

  test('a gap is noted when Spotify has moved past the newest stored play', async () => {
    await sync();
    const newest = (await plays()).at(-1)!.ended_at;
    spotify.clock.advance(24 * HOUR_MS);
    const { gap } = (await sync()) as { gap: { after: string; before: string } };
    expect(gap.after).toBe(newest.toISOString());
    const rows = await store.db.selectFrom('play_gap').selectAll().execute();
    expect(rows).toMatchObject([{ newest_stored_at: newest, filled_at: null }]);
    expect(rows[0]!.oldest_fetched_at.toISOString()).toBe(gap.before);
    expect(await sync()).toMatchObject({ stored: 0, gap: null });
    expect((await store.db.selectFrom('play_gap').selectAll().execute()).length).toBe(1);
  });

  test('a gap shows also when one row of the full page cannot be read', async () => {
    await sync();
    spotify.clock.advance(24 * HOUR_MS);
    spotify.simulator.addPlay({ trackId: null, endedAt: new Date(spotify.clock.now().getTime() - 1000) });
    expect(await sync()).toMatchObject({ fetched: 50, stored: 49, skipped: { null: 1 }, gap: expect.any(Object) });
  });

  test('plays that arrive late and out of order are stored where they belong', async () => {
    await sync();
    const before = await plays();
    const [track] = someTracks(spotify.simulator.world, 1, 500);
    const endedAt = new Date(before.at(-3)!.ended_at.getTime() - 1000);
    spotify.simulator.addPlay({ trackId: track!.id, endedAt, visibleAt: new Date(spotify.clock.now().getTime() + 1) });
    spotify.clock.advance(1000);
    expect(await sync()).toMatchObject({ stored: 1, gap: null });
    const after = await plays();
    expect(after.at(-4)).toMatchObject({ track_id: track!.id, ended_at: endedAt });
    expect(after.length).toBe(51);
  });

  test('null tracks are counted and cost nothing else', async () => {
    spotify.simulator.addPlay({ trackId: null });
    expect(await sync()).toMatchObject({ fetched: 50, skipped: { null: 1 }, stored: 49, alreadyThere: 0 });
    expect(await sync()).toMatchObject({ skipped: { null: 1 }, stored: 0, alreadyThere: 49 });
    expect((await landed()).length).toBe(1);
  });

  test('local files, episodes and rows of an unknown shape are counted by reason, and what cannot be read is kept', async () => {
    const api = spotify.connect();
    const page = await api.recentlyPlayed();
    const [first] = (page.raw as { items: object[] }).items as { track: object }[];
    const odd = [
      { ...first, track: { ...first!.track, id: null, is_local: true, uri: 'spotify:local:A:B:C:100' } },
      {
        ...first,
        track: { type: 'episode', id: '4'.repeat(22), name: 'Talk', uri: `spotify:episode:${'4'.repeat(22)}` },
      },
      { ...first, track: { ...first!.track, name: 17 } },
      { ...first, played_at: 'yesterday' },
      first,
    ];
    spotify.simulator.faults.add({ kind: 'status', status: 200, body: { items: odd, next: null, cursors: null } });
    expect(await sync()).toEqual({
      fetched: 5,
      skipped: { local: 1, episode: 1, unreadable: 2 },
      stored: 1,
      alreadyThere: 0,
      merged: 0,
      gap: null,
    });
    expect((await landed())[0]!.items.length).toBe(5);
  });

  test('a play that an export brought before is not stored twice', async () => {
    const page = await spotify.connect().recentlyPlayed();
    const { track, endedAt } = page.rows[5]!;
    await saveTracks(store.db, [track]);
    const exported = { track_id: track.id, ended_at: new Date(endedAt.getTime() - 40_000), ms_played: 200_000 };
    await store.db
      .insertInto('play')
      .values({ listener_id: listener.id, source: 'export', ...exported })
      .execute();
    expect(await sync()).toMatchObject({ fetched: 50, stored: 49, merged: 1, alreadyThere: 0, gap: null });
    expect(await sync()).toMatchObject({ stored: 0, merged: 0, alreadyThere: 50 });
    expect((await plays()).length).toBe(50);
    expect((await landed()).length).toBe(1);
  });

  test('nothing reaches the database that is not on the disk first', async () => {
    await mkdir(join(dataDir, 'raw'), { recursive: true });
    await writeFile(join(dataDir, 'raw', 'plays'), 'in the way');
    await expect(sync()).rejects.toMatchObject({ code: 'raw-not-written' });
    expect(await plays()).toEqual([]);
    expect(await store.db.selectFrom('track').selectAll().execute()).toEqual([]);
  });

  test('an empty account is no error', async () => {
    spotify.simulator.faults.add({ kind: 'status', status: 200, body: { items: [], next: null, cursors: null } });
    expect(await sync()).toMatchObject({ fetched: 0, stored: 0, alreadyThere: 0, gap: null });
    expect(await listRaw(dataDir, 'plays')).toEqual([]);
  });
});
