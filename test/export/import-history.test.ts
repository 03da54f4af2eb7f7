import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { strToU8, zipSync } from 'fflate';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { ManualClock } from '../../src/base/clock.ts';
import { silentLog } from '../../src/base/log.ts';
import { noProgress } from '../../src/base/progress.ts';
import { seededRandom } from '../../src/base/random.ts';
import { listRaw, readRaw } from '../../src/base/raw-landing.ts';
import type { TaskContext } from '../../src/base/task.ts';
import { saveApiPlays } from '../../src/store/plays.ts';
import { saveTracks } from '../../src/store/tracks.ts';
import { importHistory } from '../../src/tasks/import-history.ts';
import { describeEachStore, type TestStore } from '../store-fixture.ts';
import { type ExtendedRow, extendedRow, makeHistory, zipHistory } from './make-export.ts';

const NOW = new Date('2026-11-22T12:00:00Z');
const koito = join(import.meta.dirname, '../fixtures/import-formats/Streaming_History_Audio_spotify_import_test.json');

interface Accounts {
  read: number;
  stored: number;
  alreadyThere: number;
  skipped: Record<string, number>;
}
interface Output {
  plays: Accounts & { mergedWithPolled: number; gapsFilled: number };
  likedSongs: Accounts;
  playlistItems: Accounts;
  ignoredFiles: Record<string, number>;
  problems: string[];
}

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'segue-export-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

let files = 0;
async function put(content: unknown, name = 'rows.json'): Promise<string> {
  const path = join(folder, String(files++), name);
  await mkdir(join(path, '..'), { recursive: true });
  const isRaw = typeof content === 'string' || content instanceof Uint8Array;
  await writeFile(path, isRaw ? content : JSON.stringify(content));
  return path;
}

function contextOf(signal = new AbortController().signal): TaskContext {
  const rest = { log: silentLog, progress: noProgress, clock: new ManualClock(NOW), random: seededRandom(1) };
  return { runKey: 'test', attempt: 1, signal, ...rest };
}

async function run(store: TestStore, ...paths: string[]): Promise<Output> {
  const dataDir = join(store.dataDir, 'landing');
  return (await importHistory({ store, dataDir, listener: 'me' }).run({ paths }, contextOf())) as unknown as Output;
}

function expectAccounted({ read, stored, alreadyThere, skipped }: Accounts): void {
  expect(read).toBe(stored + alreadyThere + Object.values(skipped).reduce((sum, times) => sum + times, 0));
}

const HARBOUR = '3cCcCcCcCcCcCcCcCcCcCc';
const at = (time: string, more: ExtendedRow = {}) => extendedRow({ ts: `2024-04-20T${time}Z`, ...more });

describeEachStore('import-history', (open) => {
  let store: TestStore;
  beforeEach(async () => {
    store = await open();
    await rm(join(store.dataDir, 'landing'), { recursive: true, force: true });
  });
  const rowsOf = async (query: string) => (await store.exec(query)).rows;
  const plays = () =>
    rowsOf('select track_id, ended_at, ms_played, source, precision, platform from play order by ended_at, track_id');

  test('a real file: every row a play, a second time nothing new', async () => {
    const first = await run(store, koito);
    expect(first.plays).toMatchObject({ read: 39, stored: 39, alreadyThere: 0, skipped: {} });
    expect((await run(store, koito)).plays).toMatchObject({ read: 39, stored: 0, alreadyThere: 39, skipped: {} });
    const [track] = await rowsOf(
      `select title, artist.name as artist, album.name as album from track join track_artist using (track_id)
       join artist using (artist_id) join album using (album_id) where track_id = '3aJ2aJz5xL03hpaqdPS7Ah'`,
    );
    expect(track).toEqual({ title: 'only my railgun', artist: 'fripSide', album: 'infinite synthesis' });
    expect(
      await rowsOf('select items_read, items_stored, items_already_there, format from import order by import_id'),
    ).toEqual([
      { items_read: 39, items_stored: 39, items_already_there: 0, format: 'extended-history' },
      { items_read: 39, items_stored: 0, items_already_there: 39, format: 'extended-history' },
    ]);
  });

  test('a whole zip: every row accounted for, podcasts apart; the rows are on the disk without addresses', async () => {
    const rows = makeHistory(3_000);
    const output = await run(store, await put(zipHistory(rows, 1_000), 'my_spotify_data.zip'));
    const podcasts = rows.filter((row) => row.episode_name !== null).length;
    expect(output.plays).toMatchObject({ read: 3_000, stored: 3_000 - podcasts, skipped: { podcast: podcasts } });
    expect(output.ignoredFiles).toEqual({ 'not JSON': 1 });
    expect(await rowsOf('select count(*) as plays from play')).toEqual([{ plays: 3_000 - podcasts }]);
    let landed = 0;
    for (const path of await listRaw(join(store.dataDir, 'landing'), 'history')) {
      for await (const batch of readRaw(path)) {
        landed += batch.length;
        expect(JSON.stringify(batch)).not.toContain('203.0.113.7');
      }
    }
    expect(landed).toBe(3_000 + 3);
  });

  test('polled plays become the exported ones, other editions too, and gaps are closed', async () => {
    const listener = await rowsOf(`insert into listener (name) values ('me') returning listener_id`);
    const listenerId = Number(listener[0]!.listener_id);
    await saveTracks(store.db, [
      { id: HARBOUR, title: 'Harbour Lights', artists: ['Marrow & Tide'] },
      { id: '5dDdDdDdDdDdDdDdDdDdDd', title: 'Harbour Lights - Remastered 2011', artists: ['Marrow & Tide'] },
    ]);
    const poll = (time: string, trackId: string, pageIsFull = false) =>
      saveApiPlays(store.db, listenerId, [{ trackId, endedAt: new Date(`2024-04-20T${time}Z`) }], {
        fetchedAt: NOW,
        pageIsFull,
      });
    await poll('10:00:30.392', HARBOUR);
    await poll('18:00:10.007', '5dDdDdDdDdDdDdDdDdDdDd', true);
    const export1 = await put([at('10:00:00'), at('14:00:00'), at('18:00:00')]);
    const { plays: accounts } = await run(store, export1);
    expect(accounts).toMatchObject({ read: 3, stored: 1, alreadyThere: 2, mergedWithPolled: 2, gapsFilled: 1 });
    expect((await plays()).map(({ ended_at, ms_played }) => [(ended_at as Date).toJSON(), ms_played])).toEqual([
      ['2024-04-20T10:00:00.000Z', 214_733],
      ['2024-04-20T14:00:00.000Z', 214_733],
      ['2024-04-20T18:00:00.000Z', 214_733],
    ]);
    // Polling the same once more adds nothing.
    await poll('10:00:30.392', HARBOUR);
    await poll('18:00:10.007', '5dDdDdDdDdDdDdDdDdDdDd');
    expect(await plays()).toHaveLength(3);
    expect((await run(store, export1)).plays).toMatchObject({ stored: 0, alreadyThere: 3, mergedWithPolled: 0 });
  });

  const account = (endTime: string, trackName: string, msPlayed = 214_733) => {
    return { endTime: `2024-04-20 ${endTime}`, artistName: 'Marrow & Tide', trackName, msPlayed };
  };

  test('account data and extended history are one, whichever comes first', async () => {
    const extended = await put([at('10:00:42'), at('14:00:59')]);
    const accountData = await put([
      account('10:00', 'Harbour Lights'),
      account('12:00', 'Harbour Lights'),
      account('13:00', 'Elsewhere'),
    ]);
    await run(store, accountData);
    expect((await plays()).map(({ track_id }) => String(track_id).slice(0, 5))).toEqual(['name:', 'name:', 'name:']);
    expect((await run(store, extended)).plays).toMatchObject({ read: 2, stored: 1, alreadyThere: 1 });
    const accountFirst = await plays();
    expect(accountFirst.map(({ track_id, precision }) => [track_id, precision])).toEqual([
      [HARBOUR, 'second'],
      [HARBOUR, 'minute'],
      ['name:marrow and tide|elsewhere', 'minute'],
      [HARBOUR, 'second'],
    ]);
    store = await open();
    await run(store, extended);
    expect((await run(store, accountData)).plays).toMatchObject({ read: 3, stored: 2, alreadyThere: 1 });
    expect(await plays()).toEqual(accountFirst);
    expect((await run(store, accountData, extended)).plays).toMatchObject({ stored: 0, alreadyThere: 5 });
  });

  test('liked songs and playlists of the account data', async () => {
    const track = (trackName: string, trackUri: string | null) => ({
      track: { trackName, artistName: 'Marrow & Tide', albumName: null, trackUri },
      addedDate: '2026-11-15',
    });
    const list = {
      lastModifiedDate: '2026-11-15',
      items: [track('Harbour Lights', `spotify:track:${HARBOUR}`), track('Elsewhere', null), { episode: {} }],
    };
    const path = await put(
      zipSync({
        'Spotify Account Data/YourLibrary.json': strToU8(
          JSON.stringify({
            tracks: [
              { artist: 'Marrow & Tide', album: 'Low Water', track: 'Harbour Lights', uri: `spotify:track:${HARBOUR}` },
            ],
            albums: [],
          }),
        ),
        'Spotify Account Data/Playlist1.json': strToU8(
          JSON.stringify({
            playlists: [
              { name: 'Mine', ...list },
              { name: 'Mine', ...list },
            ],
          }),
        ),
        'Spotify Account Data/Userdata.json': strToU8('{"username":"x"}'),
      }),
      'account.zip',
    );
    for (const [stored, alreadyThere] of [
      [
        [1, 4],
        [0, 0],
      ],
      [
        [0, 0],
        [1, 4],
      ],
    ] as const) {
      const output = await run(store, path);
      expect(output.likedSongs).toEqual({ read: 1, stored: stored[0], alreadyThere: alreadyThere[0], skipped: {} });
      expect(output.playlistItems).toEqual({
        read: 6,
        stored: stored[1],
        alreadyThere: alreadyThere[1],
        skipped: { podcast: 2 },
      });
      expect(output.ignoredFiles).toEqual({ 'account file without songs': 1 });
    }
    expect(await rowsOf('select name, source, items_total from playlist order by name')).toEqual([
      { name: 'Mine', source: 'export', items_total: 2 },
      { name: 'Mine (2)', source: 'export', items_total: 2 },
    ]);
    expect(await rowsOf('select track_id, source from liked_track')).toEqual([{ track_id: HARBOUR, source: 'export' }]);
  });

  test('a file cut in the middle gives its complete rows; the whole file then only the rest', async () => {
    const rows = Array.from({ length: 20 }, (_, hour) => at(`${String(hour).padStart(2, '0')}:00:00`));
    const text = JSON.stringify(rows);
    const cut = await run(store, await put(text.slice(0, text.length / 2)));
    expect(cut.plays.skipped).toEqual({ 'cut-off': 1 });
    expect(cut.plays.stored).toBeGreaterThan(8);
    expectAccounted(cut.plays);
    expect((await run(store, await put(text))).plays).toMatchObject({
      stored: 20 - cut.plays.stored,
      alreadyThere: cut.plays.stored,
    });
  });

  test('UTF-16 with mark, as PowerShell writes it', async () => {
    const bytes = Buffer.from(
      `\ufeff${JSON.stringify([at('10:00:00', { master_metadata_track_name: 'Häfen 夜' })])}`,
      'utf16le',
    );
    expect((await run(store, await put(bytes))).plays.stored).toBe(1);
    expect(await rowsOf('select title from track')).toEqual([{ title: 'Häfen 夜' }]);
  });

  test('whatever is wrong with rows, each is stored, known or skipped for a reason, and never loses another', async () => {
    const value = fc.oneof(
      fc.constant(null),
      fc.string({ unit: 'binary', maxLength: 400 }),
      fc.integer(),
      fc.double(),
      fc.boolean(),
      fc.object({ maxDepth: 1 }),
    );
    const damage = fc.dictionary(fc.constantFrom(...Object.keys(extendedRow())), value as fc.Arbitrary<never>, {
      maxKeys: 3,
    });
    const row = fc.oneof(
      {
        weight: 4,
        arbitrary: fc
          .record({ minute: fc.integer({ min: 0, max: 59 }), damage })
          .map(({ minute, damage }) => ({ ...at(`10:${String(minute).padStart(2, '0')}:00`), ...damage }) as unknown),
      },
      { weight: 1, arbitrary: fc.jsonValue() as fc.Arbitrary<unknown> },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(row, { maxLength: 40 }), async (rows) => {
        const path = await put([at('09:00:00'), ...rows]);
        const first = (await run(store, path)).plays;
        expect(first.read).toBe(rows.length + 1);
        expectAccounted(first);
        const again = (await run(store, path)).plays;
        expectAccounted(again);
        expect(again.stored).toBe(0);
        expect(again.skipped).toEqual(first.skipped);
      }),
      { numRuns: 25 },
    );
  });

  test('what is not an export ends in three lines and stores nothing', async () => {
    const other = zipSync({ 'listens/1.jsonl': strToU8('{"listened_at":1}\n'), 'user.json': strToU8('{"user_id":1}') });
    const whole = zipSync({ 'a.json': strToU8(JSON.stringify([at('10:00:00')])) });
    const empty = await put('x', 'empty/.hidden');
    for (const [path, code] of [
      [await put(other, 'listenbrainz.zip'), 'not-a-spotify-export'],
      [await put('{"scrobbles":[]}', 'maloja.json'), 'not-a-spotify-export'],
      [await put('[]', 'Streaming_History_Audio_2024.json'), 'not-a-spotify-export'],
      [await put(whole.subarray(0, whole.length - 30), 'cut.zip'), 'source-damaged'],
      [join(empty, '..'), 'source-empty'],
      [join(folder, 'missing.zip'), 'source-not-found'],
    ] as const) {
      await expect(run(store, path), path).rejects.toMatchObject({
        code,
        lines: [expect.any(String), expect.any(String), expect.any(String)],
      });
    }
    expect(await plays()).toEqual([]);
  });

  test('zips with the wrong name are read, a bad one among good ones is named', async () => {
    const zip = zipSync({ 'endsong_0.json': strToU8(JSON.stringify([at('10:00:00')])) });
    expect((await run(store, await put(zip, 'my_spotify_data.json'))).plays.stored).toBe(1);
    const path = await put(zip, 'b/data');
    await writeFile(join(path, '../broken.zip'), zip.subarray(0, 40));
    const output = await run(store, join(path, '..'));
    expect(output.plays).toMatchObject({ read: 1, alreadyThere: 1 });
    expect(output.problems).toEqual(['broken.zip: It is cut short: an unfinished download or copy.']);
  });

  test('stops when told to, keeps what it has, and goes on the next time', async () => {
    const path = await put(zipHistory(makeHistory(2_000), 500), 'data.zip');
    const stop = new AbortController();
    const context = { ...contextOf(stop.signal), progress: () => stop.abort(new Error('stopped by hand')) };
    const dataDir = join(store.dataDir, 'landing');
    const stopped = importHistory({ store, dataDir, listener: 'me' }).run({ paths: [path] }, context);
    await expect(stopped).rejects.toThrow('stopped by hand');
    const kept = (await plays()).length;
    expect(kept).toBeGreaterThan(0);
    const { plays: rest } = await run(store, path);
    expect(rest.alreadyThere).toBe(kept);
    expectAccounted(rest);
  });
});

test.skipIf(!existsSync(join(import.meta.dirname, '../../../shared/data/import-formats')))(
  'the fixture is the recorded file',
  async () => {
    const { readFile } = await import('node:fs/promises');
    const recorded = join(
      import.meta.dirname,
      '../../../shared/data/import-formats/Streaming_History_Audio_spotify_import_test.json',
    );
    expect(await readFile(koito)).toEqual(await readFile(recorded));
  },
);
