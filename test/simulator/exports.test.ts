import { strFromU8, unzipSync } from 'fflate';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ExportFile } from '../../src/simulator/export-history.ts';
import { USUAL_QUIRKS } from '../../src/simulator/export-quirks.ts';
import { type caller, START, startConnected, type TestSimulator } from './connected.ts';

let simulator: TestSimulator;
let call: ReturnType<typeof caller>;

beforeAll(async () => {
  ({ simulator, call } = await startConnected());
});
afterAll(() => simulator.stop());

interface Row {
  ts: string;
  ms_played: number;
  spotify_track_uri: string | null;
  [column: string]: unknown;
}

/** File name -> parsed JSON, or the text of what is no JSON. */
// biome-ignore lint/suspicious/noExplicitAny: each test says what it expects in which file.
function open(file: ExportFile): Record<string, any> {
  const entries = Object.entries(unzipSync(file.bytes));
  return Object.fromEntries(
    entries.map(([name, bytes]) => [name, name.endsWith('.json') ? JSON.parse(strFromU8(bytes)) : strFromU8(bytes)]),
  );
}

function rowsOf(file: ExportFile): Row[] {
  return Object.entries(open(file)).flatMap(([name, rows]) => (name.endsWith('.json') ? (rows as Row[]) : []));
}

describe('the extended streaming history', () => {
  it('holds the listener’s plays up to now, which the polled ones overlap to the second', async () => {
    const rows = rowsOf(simulator.exportHistory({ quirks: 'none' }));
    expect(rows.length).toBeGreaterThan(800);
    expect(
      rows.every((row) => /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(row.ts) && Date.parse(row.ts) <= START.getTime()),
    ).toBe(true);
    const polled = (await call('GET', '/me/player/recently-played?limit=50')).body.items as {
      played_at: string;
      track: { uri: string };
    }[];
    const last = rows.slice(-50).reverse();
    expect(last.map((row) => [row.ts, row.spotify_track_uri])).toEqual(
      polled.map((item) => [`${item.played_at.slice(0, 19)}Z`, item.track.uri]),
    );
  });

  it('can end earlier, and off the polled times by up to a minute', () => {
    const until = new Date(START.getTime() - 24 * 3_600_000);
    const exact = rowsOf(simulator.exportHistory({ quirks: 'none', until }));
    expect(Date.parse(exact.at(-1)!.ts)).toBeLessThanOrEqual(until.getTime());
    const off = rowsOf(simulator.exportHistory({ quirks: { endsOffByMs: 60_000 }, until }));
    const distances = off.map((row, index) => Math.abs(Date.parse(row.ts) - Date.parse(exact[index]!.ts)));
    expect(Math.max(...distances)).toBeGreaterThan(30_000);
    expect(off).toHaveLength(exact.length);
  });

  it('is laid out as today: folder, years in names, a video file, a PDF', () => {
    const names = Object.keys(open(simulator.exportHistory({ rowsPerFile: 300 })));
    const folder = 'Spotify Extended Streaming History/';
    expect(names.every((name) => name.startsWith(folder))).toBe(true);
    const files = names.map((name) => name.slice(folder.length));
    expect(files.filter((name) => /^Streaming_History_Audio_\d{4}(-\d{4})?_\d\.json$/.test(name))).toHaveLength(3);
    expect(files.filter((name) => /^Streaming_History_Video_\d{4}\.json$/.test(name))).toHaveLength(1);
    expect(files).toContain('ReadMeFirst_ExtendedStreamingHistory.pdf');
  });

  it('is laid out as before August 2023: MyData, endsong, the old columns', () => {
    const files = open(simulator.exportHistory({ layout: 'legacy' }));
    expect(Object.keys(files).sort()).toEqual(['MyData/endsong_0.json', 'MyData/endvideo.json']);
    const row = files['MyData/endsong_0.json'][0];
    expect(Object.keys(row)).toEqual(expect.arrayContaining(['username', 'ip_addr_decrypted', 'user_agent_decrypted']));
    expect(Object.keys(row).some((key) => key.startsWith('audiobook') || key === 'ip_addr')).toBe(false);
  });

  it('mixes both names of files as in autumn 2023', () => {
    const names = Object.keys(open(simulator.exportHistory({ layout: 'mixed', rowsPerFile: 400 })));
    expect(names.some((name) => name.includes('endsong_'))).toBe(true);
    expect(names.some((name) => name.includes('Streaming_History_Audio_'))).toBe(true);
  });

  it('says truly how many rows of each kind there are', () => {
    const file = simulator.exportHistory();
    const rows = rowsOf(file);
    expect(rows).toHaveLength(file.rows);
    expect(Object.values(file.counts).reduce((sum, count) => sum + count)).toBe(file.rows);
    const { music, shortPlays, ...odd } = file.counts;
    const { audiobookKeys, offlineTimestamp, endsOffByMs, shortPlays: _, ...usual } = USUAL_QUIRKS;
    expect([odd, shortPlays, music! > 800]).toEqual([usual, 3, true]);

    const count = (fits: (row: Row) => boolean) => rows.filter(fits).length;
    expect(count((row) => row.incognito_mode === true)).toBe(usual.incognito);
    expect(count((row) => row.audiobook_uri != null)).toBe(usual.audiobooks);
    expect(count((row) => row.spotify_episode_uri !== null)).toBe(usual.podcasts + usual.videos);
    expect(count((row) => row.offline === true)).toBe(usual.lateUploads);
    expect(count((row) => row.skipped === null)).toBe(usual.nullFlags);
    const named = (row: Row) => row.master_metadata_track_name !== null;
    expect(count((row) => row.spotify_track_uri === null && named(row))).toBe(usual.withoutUri);
    expect(count((row) => row.ms_played === 0 || row.ms_played === 29_999 || row.ms_played === 30_000)).toBe(3);
    const distinct = new Set(rows.map((row) => JSON.stringify(row)));
    expect(rows.length - distinct.size).toBe(usual.exactDuplicates);
  });

  it('has near duplicates seconds apart with another length', () => {
    const rows = rowsOf(simulator.exportHistory({ quirks: { nearDuplicates: 4 } }));
    const near = rows.filter((row, index) => {
      const before = rows[index - 1];
      return (
        before?.spotify_track_uri === row.spotify_track_uri && Date.parse(row.ts) - Date.parse(before!.ts) === 3000
      );
    });
    expect(near).toHaveLength(4);
  });

  it('writes offline_timestamp in seconds, milliseconds, 0 or null', () => {
    const kinds = (offlineTimestamp: 'seconds' | 'milliseconds' | 'zero' | 'null' | 'mixed') => {
      const rows = rowsOf(simulator.exportHistory({ quirks: { offlineTimestamp } }));
      const kindOf = (value: unknown) =>
        value === null ? 'null' : value === 0 ? 'zero' : (value as number) < 1e11 ? 'seconds' : 'milliseconds';
      return [...new Set(rows.map((row) => kindOf(row.offline_timestamp)))].sort();
    };
    for (const form of ['seconds', 'milliseconds', 'zero', 'null'] as const) expect(kinds(form)).toEqual([form]);
    expect(kinds('mixed')).toEqual(['milliseconds', 'null', 'seconds', 'zero']);
  });

  it('gives late uploads one time and their real start in offline_timestamp', () => {
    const rows = rowsOf(simulator.exportHistory({ quirks: { lateUploads: 6 } })).filter((row) => row.offline);
    const times = rows.map((row) => Date.parse(row.ts));
    expect(Math.max(...times) - Math.min(...times)).toBeLessThan(10_000);
    const starts = rows.map((row) => {
      const stamp = row.offline_timestamp as number;
      return stamp < 1e11 ? stamp * 1000 : stamp;
    });
    expect(new Set(starts).size).toBe(6);
  });

  it('leaves the audiobook columns out where they are missing', () => {
    const old = simulator.exportHistory({ quirks: { audiobookKeys: 'missing', audiobooks: 3 } });
    expect(rowsOf(old).some((row) => 'audiobook_title' in row)).toBe(false);
    expect(old.counts.audiobooks).toBeUndefined();
    const [row] = rowsOf(simulator.exportHistory({ quirks: 'none' }));
    expect(row).toMatchObject({ audiobook_title: null, audiobook_chapter_uri: null });
  });

  it('can be made as long as a test needs', () => {
    const file = simulator.exportHistory({ quirks: 'none', earlierPasses: 9, rowsPerFile: 5000 });
    const rows = rowsOf(file);
    expect(rows).toHaveLength(10 * rowsOf(simulator.exportHistory({ quirks: 'none' })).length);
    expect(new Set(rows.map((row) => row.ts)).size).toBe(rows.length);
  });

  it('includes plays put in by hand, unless they have no track', () => {
    const before = simulator.exportHistory({ quirks: 'none' }).rows;
    simulator.addPlay({ trackId: '6FsQrRpBLgsrFeAeiQqytm', endedAt: START, msPlayed: 12_345 });
    simulator.addPlay({ trackId: null });
    const rows = rowsOf(simulator.exportHistory({ quirks: 'none' }));
    simulator.state.listeners['kufx-radio']!.extraPlays = [];
    expect(rows).toHaveLength(before + 1);
    expect(rows.at(-1)).toMatchObject({ ms_played: 12_345, spotify_track_uri: 'spotify:track:6FsQrRpBLgsrFeAeiQqytm' });
  });
});

describe('the account data', () => {
  it('holds a year of plays by minute without ids, playlists and liked songs, in both layouts', () => {
    const file = simulator.exportAccountData();
    const files = open(file);
    const music = files['Spotify Account Data/StreamingHistory_music_0.json'];
    expect(music).toHaveLength(file.counts.music!);
    expect(Object.keys(music[0])).toEqual(['endTime', 'artistName', 'trackName', 'msPlayed']);
    expect(music[0].endTime).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d$/);
    expect(files['Spotify Account Data/YourLibrary.json'].tracks).toHaveLength(120);
    const { playlists } = files['Spotify Account Data/Playlist1.json'];
    expect(playlists).toHaveLength(file.counts.playlists!);
    expect(playlists[0].items[0]).toMatchObject({
      track: { trackUri: expect.stringMatching(/^spotify:track:/) },
      episode: null,
    });
    const legacy = Object.keys(open(simulator.exportAccountData({ layout: 'legacy', rowsPerFile: 500 })));
    expect(legacy).toEqual(expect.arrayContaining(['MyData/StreamingHistory0.json', 'MyData/StreamingHistory1.json']));
  });
});
