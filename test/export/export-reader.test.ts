import { Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import type { SourceFile } from '../../src/base/source-files.ts';
import { readAccountRow, readLibraryTrack, readPlaylist } from '../../src/spotify/export-account.ts';
import { readExtendedRow } from '../../src/spotify/export-extended.ts';
import { detectExport } from '../../src/spotify/export-reader.ts';
import { withoutPersonalData } from '../../src/spotify/export-row.ts';
import { type ExtendedRow, extendedRow } from './make-export.ts';

const NOW = new Date('2026-11-22T12:00:00Z');

function fileOf(content: string | Buffer, name = 'some.json'): SourceFile {
  const bytes = Buffer.from(content as string);
  return {
    name,
    size: bytes.length,
    stream: () => Readable.from([bytes]),
    head: async (length) => bytes.subarray(0, length),
  };
}

describe('files are told apart by content', () => {
  const account = { endTime: '2024-05-06 18:43', artistName: 'A', trackName: 'B', msPlayed: 1 };
  test.each([
    [[extendedRow()], 'extended-history'],
    [['damaged', null, extendedRow()], 'extended-history'],
    [[account], 'account-history'],
    [[{ endTime: '2024-05-06 18:43', podcastName: 'A', episodeName: 'B', msPlayed: 1 }], 'account-history'],
    [{ playlists: [{ name: 'Mine', lastModifiedDate: '2026-11-15', items: [] }] }, 'account-playlists'],
    [
      { tracks: [{ artist: 'A', album: 'B', track: 'C', uri: 'spotify:track:3cCcCcCcCcCcCcCcCcCcCc' }], albums: [] },
      'account-library',
    ],
  ])('%#: %s', async (content, format) => {
    for (const text of [
      JSON.stringify(content),
      JSON.stringify(content, null, 4),
      `\ufeff${JSON.stringify(content)}`,
    ]) {
      expect(await detectExport(fileOf(text, 'anything.txt'))).toEqual({ format });
    }
    expect(await detectExport(fileOf(Buffer.from(`\ufeff${JSON.stringify(content)}`, 'utf16le')))).toEqual({ format });
  });

  test.each([
    ['[]', 'Streaming_History_Video_2018.json', { ignored: 'empty list' }],
    ['', 'a.json', { ignored: 'empty file' }],
    ['%PDF-1.4', 'ReadMeFirst_ExtendedStreamingHistory.pdf', { ignored: 'not JSON' }],
    ['{"username":"x"}', 'MyData/Userdata.json', { ignored: 'account file without songs' }],
    ['{"scrobbles":[]}', 'maloja.json', { unknown: 'not from Spotify' }],
    ['[{"track":[{"artist":{}}]}]', 'recenttracks.json', { unknown: 'not from Spotify' }],
    [
      '{"info":{},"playlists":[{"name":"Throwbacks","collaborative":"false","pid":0,"tracks":[]}]}',
      'mpd.slice.0-999.json',
      { unknown: 'not from Spotify' },
    ],
  ])('%s', async (content, name, found) => {
    expect(await detectExport(fileOf(content, name))).toEqual(found);
  });
});

describe('a row of the extended history', () => {
  const read = (more: ExtendedRow) => readExtendedRow(extendedRow(more), NOW);

  test('is a play that ended at ts, UTC', () => {
    expect(read({})).toMatchObject({
      play: {
        trackId: '3cCcCcCcCcCcCcCcCcCcCc',
        title: 'Harbour Lights',
        artist: 'Marrow & Tide',
        album: 'Low Water',
        endedAt: new Date('2024-04-20T18:15:22Z'),
        precision: 'second',
        msPlayed: 214_733,
        privateSession: false,
      },
    });
  });

  test.each<[string, ExtendedRow]>([
    ['podcast', { episode_name: 'E', spotify_track_uri: null }],
    ['podcast', { spotify_episode_uri: 'spotify:episode:4eEeEeEeEeEeEeEeEeEeEe', spotify_track_uri: null }],
    ['audiobook', { audiobook_title: 'B', spotify_track_uri: null }],
    ['no-track', { spotify_track_uri: null, master_metadata_track_name: null }],
    ['no-track', { spotify_track_uri: 'spotify:local:::a:1', master_metadata_album_artist_name: null }],
    ['no-title', { master_metadata_track_name: null }],
    ['no-title', { master_metadata_track_name: ' \u0000 ' }],
    ['wrong-type:ts', { ts: null }],
    ['wrong-type:ts', { ts: 1_713_636_708 }],
    ['wrong-type:ms_played', { ms_played: '12' }],
    ['wrong-type:ms_played', { ms_played: -1 }],
    ['wrong-type:ms_played', { ms_played: 1e15 }],
    ['wrong-type:shuffle', { shuffle: 'yes' }],
    ['bad-time', { ts: 'yesterday' }],
    ['bad-time', { ts: '2024-13-45T00:00:00Z' }],
    ['future-date', { ts: '2026-11-24T12:00:00Z' }],
    ['before-2006', { ts: '1970-01-01T00:00:00Z' }],
  ])('is left out as %s: %j', (skip, more) => {
    expect(read(more)).toEqual({ skip });
  });

  test.each([null, 12, 'text', [], [1]])('that is %j is not an object', (raw) => {
    expect(readExtendedRow(raw, NOW)).toEqual({ skip: 'not-an-object' });
  });

  test('of old exports lacks fields and has nulls', () => {
    const { ts, ms_played, master_metadata_track_name, master_metadata_album_artist_name, spotify_track_uri } =
      extendedRow();
    const old = {
      ts,
      ms_played: null,
      username: 'x',
      master_metadata_track_name,
      master_metadata_album_artist_name,
      spotify_track_uri,
      skipped: null,
    };
    expect(readExtendedRow({ ...old, ms_played }, NOW)).toMatchObject({ play: { skipped: null, platform: 'unknown' } });
    expect(readExtendedRow(old, NOW)).toMatchObject({ play: { msPlayed: null } });
  });

  test('without id but with names is kept by its names', () => {
    expect(read({ spotify_track_uri: null })).toMatchObject({ play: { trackId: null, title: 'Harbour Lights' } });
  });

  test('played offline ended when the device says, where ts is the time of the upload', () => {
    const offline = { offline: true, ts: '2024-04-20T18:15:22Z', ms_played: 200_000 };
    const started = Date.parse('2023-03-19T18:15:19Z');
    for (const offline_timestamp of [started / 1000, started]) {
      expect(read({ ...offline, offline_timestamp })).toMatchObject({
        play: { endedAt: new Date(started + 200_000), offlineAt: new Date(started) },
      });
    }
    const near = Date.parse('2024-04-20T18:11:00Z') / 1000;
    for (const offline_timestamp of [0, null, near, 1e18]) {
      expect(read({ ...offline, offline_timestamp })).toMatchObject({ play: { endedAt: new Date(offline.ts) } });
    }
    expect(read({ ...offline, offline: false, offline_timestamp: started })).toMatchObject({
      play: { endedAt: new Date(offline.ts) },
    });
  });

  test('keeps nothing of people on the disk', () => {
    const raw = {
      ...extendedRow(),
      ip_addr_decrypted: '203.0.113.7',
      user_agent_decrypted: 'x',
      username: 'someone',
      nested: { collaborators: ['y'], kept: 1 },
    };
    const kept = withoutPersonalData(raw);
    expect(JSON.stringify(kept)).not.toMatch(/203|someone|"x"|"y"|null/);
    expect(kept).toMatchObject({ ts: '2024-04-20T18:15:22Z', nested: { kept: 1 } });
  });
});

describe('account data', () => {
  test('a play is known to the minute, UTC, by title and artist', () => {
    const row = {
      endTime: '2024-05-06 18:43',
      artistName: 'Marrow & Tide',
      trackName: 'Harbour Lights',
      msPlayed: 216_783,
    };
    expect(readAccountRow(row, NOW)).toMatchObject({
      play: { trackId: null, endedAt: new Date('2024-05-06T18:43:00Z'), precision: 'minute', msPlayed: 216_783 },
    });
    expect(readAccountRow({ ...row, trackName: null }, NOW)).toEqual({ skip: 'no-title' });
    expect(readAccountRow({ ...row, artistName: '' }, NOW)).toEqual({ skip: 'no-artist' });
    expect(readAccountRow({ ...row, endTime: '06/05/2024' }, NOW)).toEqual({ skip: 'bad-time' });
    expect(readAccountRow({ ...row, podcastName: 'P' }, NOW)).toEqual({ skip: 'podcast' });
  });

  test('playlists keep their tracks in order and count the rest', () => {
    const track = {
      trackName: 'Harbour Lights',
      artistName: 'Marrow & Tide',
      albumName: 'Low Water',
      trackUri: 'spotify:track:3cCcCcCcCcCcCcCcCcCcCc',
    };
    const items = [
      { track, episode: null, addedDate: '2026-11-15' },
      { track: null, episode: { episodeName: 'E' } },
      { track: null, audiobook: {} },
      { track: null, localTrack: { uri: 'spotify:local:a:b:c:1' } },
      { track: { ...track, trackName: 12 } },
      null,
      { track: { ...track, trackUri: null }, addedDate: 'soon' },
    ];
    expect(readPlaylist({ name: 'Mine', items })).toMatchObject({
      playlist: {
        name: 'Mine',
        tracks: [
          { trackId: '3cCcCcCcCcCcCcCcCcCcCc', addedAt: '2026-11-15' },
          { trackId: null, addedAt: null },
        ],
        skipped: { podcast: 1, audiobook: 1, 'local-file': 1, 'wrong-type:track': 1, 'not-an-object': 1 },
      },
    });
    expect(readPlaylist({ name: 'Mine', items: 'none' })).toEqual({ skip: 'wrong-type:items' });
  });

  test('liked songs', () => {
    const liked = { artist: 'A', album: 'B', track: 'C', uri: 'spotify:track:3cCcCcCcCcCcCcCcCcCcCc' };
    expect(readLibraryTrack(liked)).toEqual({
      track: { trackId: '3cCcCcCcCcCcCcCcCcCcCc', title: 'C', artist: 'A', album: 'B', addedAt: null },
    });
    expect(readLibraryTrack({ ...liked, uri: null, artist: null })).toEqual({ skip: 'no-track' });
  });
});
