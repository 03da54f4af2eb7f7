import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { folderWith, id, type ReadResult, readAll } from './read-fixture.ts';

const [A, B, C] = [id(1), id(2), id(3)];
const uri = (trackId: string) => `spotify:track:${trackId}`;
const link = (trackId: string) => `https://open.spotify.com/track/${trackId}`;
const fixture = (name: string) => fileURLToPath(new URL(`../fixtures/${name}`, import.meta.url));
const demo = fileURLToPath(new URL('../../data/demo', import.meta.url));

async function read(files: Record<string, string | Uint8Array>): Promise<ReadResult> {
  await using folder = await folderWith(files);
  return await readAll(folder.path);
}
const idsOf = (result: ReadResult) => result.playlists.map(({ tracks }) => tracks.map((track) => track.id));

describe('JSON lines', () => {
  test('tracks may be ids, URIs, links or objects; bad lines are counted', async () => {
    const result = await read({
      'lists.txt': [
        JSON.stringify({
          id: 'p1',
          name: 'Mixed',
          tracks: [
            A,
            uri(B),
            `${link(C)}?si=1`,
            { id: A, name: 'Song', artists: [{ name: 'X' }] },
            'spotify:episode:1',
          ],
        }),
        JSON.stringify({ id: 7, name: 'By name', tracks: [{ title: 'Roads', artist: 'Portishead' }] }),
        '{"id": "bad", "tracks": [',
        JSON.stringify({ id: 'p3', tracks: 'none' }),
        JSON.stringify({ id: 'p4', tracks: [] }),
        '[]',
        '{"id": "cut", "tra',
      ].join('\n'),
    });
    expect(result.formats).toEqual(['jsonl']);
    expect(idsOf(result)).toEqual([[A, B, C, A], [undefined]]);
    expect(result.playlists[1]).toMatchObject({ id: '7', tracks: [{ title: 'Roads', artists: ['Portishead'] }] });
    expect(result.skipped).toEqual({
      'not JSON': 1,
      'tracks are not a list': 1,
      'no tracks': 1,
      'not a playlist': 1,
      'cut short': 1,
    });
    expect(result.trackNotes).toEqual({ 'names no track': 1 });
  });

  test('the bundled archive is dated snapshots with the names of their tracks beside them', async () => {
    const result = await read({
      'archive_playlists.jsonl.gz': gzipSync(
        `${JSON.stringify({ id: 'p', name: 'A | B/C', date: '2019-05-26', tracks: [A, B] })}\n`,
      ),
      'archive_tracks.csv.gz': gzipSync(
        `track_id,title,artists,album,duration_s\n${A},"YELL, OH",Trippie Redd | Young Thug,YELL OH,236\n`,
      ),
    });
    expect(result.formats).toEqual(['playlist-archive']);
    expect(result.playlists).toEqual([
      {
        id: 'p',
        name: 'A | B/C',
        date: '2019-05-26',
        tracks: [{ id: A, title: 'YELL, OH', artists: ['Trippie Redd', 'Young Thug'] }, { id: B }],
      },
    ]);
  });
});

describe('a clone of the playlist archive', () => {
  const markdown = `pretty - [cumulative](/playlists/cumulative/88%20Keys.md)

### [88 Keys \\| Piano](https://open.spotify.com/playlist/37i9dQZF1DX561TxkFttR4)

> A song for every key.

| No. | Title | Artist(s) | Album | Length |
|---|---|---|---|---|
| 1 | [Suite \\- No\\. 5 | Live [2019]](${link(A)}) | [Philip Glass](https://open.spotify.com/artist/69lxxQvsfAIoQbB20bEPFC), [V\u00edkingur](https://open.spotify.com/artist/0iqgjl0OG3z53PZVIB7ZyD) | [Works](https://open.spotify.com/album/4WMVFHCPiUEurlsWDF1Deq) | 8:55 |
| 2 | [](local) | nobody | | |
`;
  test('Markdown until 2021, JSON since; plain and cumulative lists are left alone', async () => {
    const json = {
      description: 'x',
      num_followers: 22,
      original_name: 'Jazz',
      snapshot_id: 'NCwz',
      tracks: [
        {
          added_at: '2012-05-08 12:20:50',
          artists: [{ name: 'Quincy Jones', url: 'https://open.spotify.com/artist/3rxIQc9kWT6Ueg4BhnOwRK' }],
          name: 'Summer In The City',
          url: link(B),
        },
      ],
    };
    const result = await read({
      'playlists/pretty/88 Keys.md': markdown,
      'playlists/pretty/0DH66SG2vZ7dIocTxxA5q9.json': JSON.stringify(json, null, 2),
      'playlists/pretty/0DH66SG2vZ7dIocTxxA5q9.md': markdown,
      'playlists/plain/37i9dQZF1DX561TxkFttR4': 'Jazz\n\nSong -- Artist -- Album\n',
      'playlists/cumulative/88 Keys.md':
        '| Title | Artist(s) | Album | Length | Added | Removed |\n|---|---|---|---|---|---|\n',
      'playlists/cumulative/x.json': JSON.stringify(
        { date_first_scraped: '2021-12-21', name: 'x', tracks: json.tracks },
        null,
        2,
      ),
      'README.md': '# archive',
    });
    expect(result.formats).toEqual(['playlist-archive-clone']);
    expect(result.playlists).toEqual([
      {
        id: '0DH66SG2vZ7dIocTxxA5q9',
        name: 'Jazz',
        tracks: [{ id: B, title: 'Summer In The City', artists: ['Quincy Jones'] }],
      },
      {
        id: '37i9dQZF1DX561TxkFttR4',
        name: '88 Keys | Piano',
        tracks: [{ id: A, title: 'Suite - No. 5 | Live [2019]', artists: ['Philip Glass', 'V\u00edkingur'] }],
      },
    ]);
    expect(result.skipped).toEqual({ 'Markdown of a playlist that is there as JSON': 1 });
    expect([result.leftAlone, result.trackNotes]).toEqual([4, { 'names no track': 1 }]);
  });
});

describe('tables of (playlist, track)', () => {
  test('names come from the tables beside; second mentions and unnamed tracks are counted', async () => {
    const result = await read({
      'playlists.csv': 'playlist_id,name,genre\np1,"Rock, mostly",rock\n',
      'tracks.csv': `track_id,track_name,track_artist\n${A},One,"Earth, Wind & Fire"\n${B},,Nobody\n`,
      'playlist_tracks.csv': `playlist_id,track_id\np1,${A}\np2,${A}\np1,${B}\np1,${A}\np1,not-an-id\n,${A}\n`,
    });
    expect(result.formats).toEqual(['pair-table']);
    expect(result.playlists.map(({ id: listId, name }) => [listId, name])).toEqual([
      ['p1', 'Rock, mostly'],
      ['p2', ''],
    ]);
    expect(result.playlists[0]!.tracks[0]).toEqual({ id: A, title: 'One', artists: ['Earth, Wind & Fire'] });
    expect(result.trackNotes).toEqual({ 'twice in one playlist': 1, 'kept without a title': 1, 'names no track': 2 });
  });

  test('one wide table as TidyTuesday published it', async () => {
    const result = await read({
      'spotify_songs.csv': `track_id,track_name,track_artist,playlist_name,playlist_id,tempo\n${A},One,Someone,Pop Remix,37i9dQZF1DXcZDD7cfEKhW,122\n`,
    });
    expect(result.playlists).toEqual([
      { id: '37i9dQZF1DXcZDD7cfEKhW', name: 'Pop Remix', tracks: [{ id: A, title: 'One', artists: ['Someone'] }] },
    ]);
  });

  test('the bundled demo: 471 playlists and 1,288 snapshots, nothing left out', async () => {
    const result = await readAll(demo);
    expect(result.formats).toEqual(['playlist-archive', 'pair-table']);
    expect(result.playlists.filter(({ date }) => date !== undefined)).toHaveLength(1288);
    expect(result.playlists.filter(({ date }) => date === undefined)).toHaveLength(471);
    expect(result.playlists.reduce((sum, { tracks }) => sum + tracks.length, 0)).toBe(107_230 + 32_246);
    expect(result.skipped).toEqual({});
  });
});

describe('Spotify\u2019s account data', () => {
  test('Playlist1.json: episodes and nameless items are counted, local files go by name', async () => {
    const item = (track: object | null, more: object = {}) => ({
      track,
      episode: null,
      audiobook: null,
      localTrack: null,
      addedDate: '2026-11-15',
      ...more,
    });
    const result = await read({
      'Spotify Account Data/Playlist1.json': JSON.stringify({
        playlists: [
          {
            name: 'Weekly finds',
            lastModifiedDate: '2026-11-15',
            collaborators: [],
            items: [
              item({
                trackName: 'Harbour Lights',
                artistName: 'Marrow & Tide',
                albumName: 'Low Water',
                trackUri: uri(A),
              }),
              item(null, { episode: { episodeName: 'Pilot', episodeUri: 'spotify:episode:1' } }),
              item(null, { localTrack: { trackName: 'Demo', artistName: 'Friends', uri: 'spotify:local:x' } }),
              item(null),
            ],
            description: null,
            numberOfFollowers: 0,
          },
          { name: 'Empty', lastModifiedDate: '2026-11-15', items: [] },
          { name: 'Odd', items: null },
          { name: 'Segue Weekly', description: '1 song segue-0123456789bc', items: [item({ trackUri: uri(B) })] },
        ],
      }),
    });
    expect(result.formats).toEqual(['account-data']);
    expect(result.playlists).toEqual([
      {
        id: '1',
        name: 'Weekly finds',
        tracks: [
          { id: A, title: 'Harbour Lights', artists: ['Marrow & Tide'] },
          { title: 'Demo', artists: ['Friends'] },
        ],
      },
    ]);
    expect(result.skipped).toEqual({ 'no tracks': 1, 'tracks are not a list': 1, 'made by Segue': 1 });
    expect(result.trackNotes).toEqual({ 'podcast episode or audiobook': 1, 'names no track': 1 });
  });
});

describe('Exportify', () => {
  test('both forks\u2019 columns; a comma inside an artist\u2019s name stays there', async () => {
    const result = await read({
      'road_trip.csv': `"Track URI","Track Name","Artist URI(s)","Artist Name(s)","Album URI","Album Name","Track Duration (ms)","Explicit","ISRC","Added By","Added At"
"${uri(A)}","Hey, Soul ""Sister""","spotify:artist:1, spotify:artist:2","Emerson\\, Lake & Palmer, Train","x","y","216773","false","USSM10904150","",""
"spotify:local:a:b:c:1","Basement","","Friends","","","1","false","","",""
"","","","","","","","","","",""
`,
      'night.csv': `Track URI,Track Name,Album Name,Artist Name(s),Release Date,Duration (ms),Popularity,Explicit,Added By,Added At,Genres,Record Label\n${uri(B)},Idol,Album,YOASOBI;Ayase,2023,213000,80,false,,,,\n`,
      'empty.csv': 'Track URI,Track Name,Album Name,Artist Name(s)\n',
    });
    expect(result.formats).toEqual(['exportify']);
    expect(result.playlists).toEqual([
      { id: 'night.csv', name: 'night', tracks: [{ id: B, title: 'Idol', artists: ['YOASOBI', 'Ayase'] }] },
      {
        id: 'road_trip.csv',
        name: 'road_trip',
        tracks: [
          { id: A, title: 'Hey, Soul "Sister"', artists: ['Emerson, Lake & Palmer', 'Train'], isrc: 'USSM10904150' },
          { title: 'Basement', artists: ['Friends'] },
        ],
      },
    ]);
    expect([result.skipped, result.trackNotes]).toEqual([{ 'no tracks': 1 }, { 'names no track': 1 }]);
  });

  test('semicolons, UTF-16 and a quote that is never closed do no harm to other files', async () => {
    const table = `Track URI;Track Name;Artist Name(s)\n${uri(A)};Song;Caf\u00e9\n`;
    const result = await read({
      'utf16.csv': Buffer.from(`\ufeff${table}`, 'utf16le'),
      'torn.csv': `Track URI,Track Name,Artist Name(s)\n${uri(B)},Song,Someone\n${uri(C)},"never closed,Someone\n`,
    });
    expect(result.playlists.map(({ name, tracks }) => [name, tracks[0]!.id, tracks[0]!.artists])).toEqual([
      ['torn', B, ['Someone']],
      ['utf16', A, ['Caf\u00e9']],
    ]);
    expect(result.problems).toEqual(['torn.csv']);
  });
});

describe('JSPF, XSPF, M3U', () => {
  test('JSPF: a Spotify link anywhere in a track gives its id', async () => {
    const result = await read({
      'a.jspf': JSON.stringify({
        playlist: {
          title: 'Created for me',
          track: [
            {
              title: 'One',
              creator: 'A',
              identifier: ['https://musicbrainz.org/recording/x'],
              extension: { 'https://musicbrainz.org/doc/jspf#track': { additional_metadata: { spotify_id: link(A) } } },
            },
            { title: 'Two', creator: 'B', location: uri(B) },
            { title: 'Three', creator: 'C' },
            { title: 'nobody\u2019s' },
          ],
        },
      }),
      'b.json': '{"playlist": {"title": "no tracks"}}',
      'c.json': '{"playlist": {"title": "cut',
    });
    expect(result.formats).toEqual(['jspf']);
    expect(result.playlists).toEqual([
      {
        id: 'a.jspf',
        name: 'Created for me',
        tracks: [
          { id: A, title: 'One', artists: ['A'] },
          { id: B, title: 'Two', artists: ['B'] },
          { title: 'Three', artists: ['C'] },
        ],
      },
    ]);
    expect(result.skipped).toEqual({ 'tracks are not a list': 1, 'not JSON': 1 });
    expect(result.trackNotes).toEqual({ 'names no track': 1 });
  });

  test('XSPF: entities, prefixes and a file cut in the middle', async () => {
    const xml = `<?xml version="1.0" encoding="UTF-8"?>
<playlist version="1" xmlns="http://xspf.org/ns/0/">
  <title>Sunday &amp; rain</title>
  <trackList>
    <track><location>${uri(A)}</location><title>One &lt;3</title><creator><![CDATA[A & B]]></creator></track>
    <track><title>Two</title><creator>C</creator><album>x</album></track>
    <track><location>file:///music/x.mp3</location></track>
  </trackList>
</playlist>`;
    const result = await read({
      'a.xspf': xml,
      'b.xspf': xml.slice(0, xml.indexOf('<track><title>')),
      'c.xml': '<trackList><<',
    });
    expect(result.formats).toEqual(['xspf']);
    expect(result.playlists).toEqual([
      {
        id: 'a.xspf',
        name: 'Sunday & rain',
        tracks: [
          { id: A, title: 'One <3', artists: ['A & B'] },
          { title: 'Two', artists: ['C'] },
        ],
      },
      { id: 'b.xspf', name: 'Sunday & rain', tracks: [{ id: A, title: 'One <3', artists: ['A & B'] }] },
    ]);
    expect([result.problems, result.skipped]).toEqual([['b.xspf', 'c.xml'], { 'not XML': 1 }]);
  });

  test('M3U: EXTINF, plain file names, Latin-1, no streamed video', async () => {
    const result = await read({
      'a.m3u8': `#EXTM3U\n#PLAYLIST:Evening\n#EXTINF:215 tvg-id="1",Marrow & Tide - Harbour Lights\n${link(A)}\n#EXTINF:-1,Portishead - Roads\n/music/x.mp3\n#EXTINF:1,untitled\n/music/y.mp3\n`,
      'old.m3u': Buffer.from('C:\\Musik\\03 - Bj\u00f6rk - J\u00f3ga.mp3\r\nnoise.mp3\r\n', 'latin1'),
      'video.m3u8': '#EXTM3U\n#EXT-X-VERSION:3\n#EXTINF:9,\nsegment.ts\n',
    });
    expect(result.formats).toEqual(['m3u']);
    expect(result.playlists).toEqual([
      {
        id: 'a.m3u8',
        name: 'Evening',
        tracks: [
          { id: A, title: 'Harbour Lights', artists: ['Marrow & Tide'] },
          { title: 'Roads', artists: ['Portishead'] },
        ],
      },
      { id: 'old.m3u', name: 'old', tracks: [{ title: 'J\u00f3ga', artists: ['Bj\u00f6rk'] }] },
    ]);
    expect([result.trackNotes, result.leftAlone]).toEqual([{ 'names no track': 2 }, 1]);
  });
});

describe('ListenBrainz', () => {
  const listen = (at: number, title: string, info: object = {}) => ({
    listened_at: at,
    track_metadata: { track_name: title, artist_name: 'Someone', additional_info: info },
  });

  test('real exports become sessions', async () => {
    const result = await readAll(fixture('listenbrainz'));
    expect(result.formats).toEqual(['listenbrainz']);
    const listens = result.playlists.reduce((sum, { tracks }) => sum + tracks.length, 0);
    expect([result.playlists.length, listens, result.skipped, result.trackNotes]).toEqual([2, 24, {}, {}]);
    expect(result.playlists.at(-1)!.tracks[0]).toEqual({ title: 'Desert', artists: ['OurR'] });
  });

  test('sessions run across files and ignore their order; a gap of more than 30 minutes cuts', async () => {
    const result = await read({
      'listens/2025/10.jsonl': [
        listen(4000, 'four', { spotify_id: link(A) }),
        listen(1000, 'one'),
        listen(1000 + 60, 'one'),
      ]
        .map((l) => JSON.stringify(l))
        .join('\n'),
      'listens/2025/2.jsonl': [
        listen(2000, 'two', { origin_url: link(B), isrc: 'GBXYZ2400017' }),
        listen(3800, 'three'),
        listen(9000, 'alone'),
      ]
        .map((l) => JSON.stringify(l))
        .join('\n'),
      'user.json': '{"user_id":1}',
    });
    expect(result.playlists).toEqual([
      {
        id: '1970-01-01T00:16:40.000Z',
        name: 'Session of 1970-01-01',
        tracks: [
          { title: 'one', artists: ['Someone'] },
          { id: B, title: 'two', artists: ['Someone'], isrc: 'GBXYZ2400017' },
          { title: 'three', artists: ['Someone'] },
          { id: A, title: 'four', artists: ['Someone'] },
        ],
      },
    ]);
    expect(result.skipped).toEqual({ 'session of one track': 1 });
  });

  test('of many people, as in the public dumps, each has sessions of their own', async () => {
    const listens = ['a', 'b', 'a', 'b'].map((user_id, i) => ({ ...listen(1000 + i * 60, `song ${i}`), user_id }));
    const result = await read({ '1.listens': listens.map((l) => JSON.stringify(l)).join('\n') });
    expect(result.playlists.map(({ id, tracks }) => [id, tracks.map(({ title }) => title)])).toEqual([
      ['a 1970-01-01T00:16:40.000Z', ['song 0', 'song 2']],
      ['b 1970-01-01T00:17:40.000Z', ['song 1', 'song 3']],
    ]);
  });

  test('the older export is one JSON array; rows that are no listens are counted', async () => {
    const result = await read({
      'lb_2020.json': JSON.stringify([
        listen(2000, 'two'),
        listen(1500, 'one'),
        null,
        { ...listen(0, 'x') },
        { listened_at: 1, track_metadata: {} },
      ]),
    });
    expect(result.playlists.map(({ tracks }) => tracks.map(({ title }) => title))).toEqual([['one', 'two']]);
    expect(result.trackNotes).toEqual({ 'not a listen': 1, 'listen without a time': 1, 'names no track': 1 });
  });
});

test('what is no playlist is left alone', async () => {
  const result = await read({
    'plays.csv': `callsign,time,unique_id,song,artist,track_id\nKCFX,1,K1,Song,Artist,${A}\n`,
    'Streaming_History_Audio_2020.json': '[{"ts":"2025-04-28T21:04:35Z","ms_played":1603}]',
    'cover.jpg': Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 0]),
    'broken.zip': Buffer.from('PK\u0003\u0004 not really'),
  });
  expect([result.formats, result.leftAlone, result.problems]).toEqual([[], 3, ['broken.zip']]);
});
