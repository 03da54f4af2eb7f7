import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { zipSync } from 'fflate';
import { describe, expect, test } from 'vitest';
import { generateMpdSlices } from './generate-mpd.ts';
import { folderWith, id, readAll, readWays } from './read-fixture.ts';

const entry = (n: number, more: object = {}) => ({
  pos: 0,
  artist_name: `Artist ${n}`,
  track_uri: `spotify:track:${id(n)}`,
  artist_uri: `spotify:artist:${id(n)}`,
  track_name: `Song ${n}`,
  album_uri: `spotify:album:${id(n)}`,
  duration_ms: 214733,
  album_name: 'Low Water',
  ...more,
});
const playlist = (pid: number, tracks: unknown, more: object = {}) => ({
  name: `List ${pid}`,
  collaborative: 'false',
  pid,
  modified_at: 1493424000,
  num_tracks: 2,
  tracks,
  ...more,
});
const slice = (playlists: unknown[], indent?: number) =>
  JSON.stringify({ info: { generated_on: '2017-12-03', slice: '0-999', version: 'v1' }, playlists }, null, indent);

/** Read by the plain reader and by the fast one: content and counts of both. */
async function readBothWays(path: string) {
  const [plain, fast] = await readWays(path, [{ isPlain: true }, {}]);
  return { plain: plain!, fast: fast! };
}

describe('Million Playlist Dataset slices', () => {
  test('a folder of slices is read fast and plainly to the same corpus', async () => {
    await using folder = await folderWith({});
    generateMpdSlices(folder.path, { slices: 2, playlists: 40, tracks: 500, seed: 3 });
    const { plain, fast } = await readBothWays(folder.path);
    expect(fast).toEqual(plain);
    expect(fast.counts).toMatchObject({ read: 80, kept: 80, skipped: {} });
  });

  test('a zip of them as well', async () => {
    await using folder = await folderWith({});
    const { files } = generateMpdSlices(join(folder.path, 'data'), { slices: 1, playlists: 5, tracks: 50, seed: 4 });
    const zip = zipSync({
      'mpd/data/mpd.slice.0-4.json': readFileSync(files[0]!),
      'mpd/license.txt': Buffer.from('research only'),
    });
    await using zipped = await folderWith({ 'spotify_million_playlist_dataset.zip': zip });
    const result = await readAll(join(zipped.path, 'spotify_million_playlist_dataset.zip'));
    expect([result.formats, result.playlists.length, result.leftAlone]).toEqual([['million-playlist-dataset'], 5, 1]);
  });

  test('a bad playlist costs only itself, and each is counted', async () => {
    const bad = [
      playlist(1, [entry(1), entry(2)]),
      null,
      'text',
      playlist(2, 'not a list'),
      playlist(3, []),
      playlist(4, [null, 7, {}, { track_uri: null, track_name: null, artist_name: null }]),
      playlist(5, [
        entry(3),
        entry(4, { track_uri: 'spotify:local:x', track_name: 'Basement', artist_name: 'Friends' }),
        null,
      ]),
      playlist(6, [entry(5, { track_name: 'Caf\u00e9 "\\" \u{1f3b5}' })], {
        name: null,
        description: 'a "quoted" \\ one',
      }),
      playlist(7, [entry(6, { duration_ms: 1.5e3, explicit: true })], { extra: { nested: [1, { a: ']' }] } }),
    ];
    for (const indent of [undefined, 4]) {
      await using folder = await folderWith({ 'mpd.slice.0-999.json': slice(bad, indent) });
      const { plain, fast } = await readBothWays(folder.path);
      expect(fast).toEqual(plain);
      expect(fast.counts).toEqual({
        read: 9,
        kept: 4,
        skipped: { 'not a playlist': 2, 'tracks are not a list': 1, 'no tracks': 2 },
        trackNotes: { 'names no track': 1 },
      });
    }
  });

  test('an id of strange characters is none, and a key written with escapes is still that key', async () => {
    const strange = entry(1, { track_uri: `spotify:track:${'-'.repeat(22)}`, track_name: 'Kept by name' });
    const text = slice([playlist(1, [strange, entry(2)]), playlist(2, [entry(3)])]).replace(
      /"track_uri"(?=:"spotify:track:T3)/,
      '"track\\u005furi"',
    );
    expect(text).toContain('u005f');
    await using folder = await folderWith({ 'mpd.slice.0-999.json': text });
    const { plain, fast } = await readBothWays(folder.path);
    expect(fast).toEqual(plain);
    expect(fast.lists.map(({ tracks }) => tracks)).toEqual([[expect.stringMatching(/^name:/), id(2)], [id(3)]]);
  });

  test('a slice cut at any byte gives all its complete playlists and says so', async () => {
    const whole = slice([playlist(1, [entry(1), entry(2)]), playlist(2, [entry(3)]), playlist(3, [entry(1)])], 4);
    const first = whole.indexOf('"pid"');
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: first + 6, max: whole.length - 10 }), async (length) => {
        await using folder = await folderWith({ 'mpd.slice.0-999.json': whole.slice(0, length) });
        const { plain, fast } = await readBothWays(folder.path);
        expect(fast).toEqual(plain);
        expect(fast.counts.skipped).toEqual({ 'cut short': 1 });
      }),
      { numRuns: 20 },
    );
  });

  test('a playlist may have up to 32 MB', async () => {
    const many = (count: number) => Array.from({ length: count }, (_, n) => entry(n % 700));
    const large = slice([playlist(1, [entry(1)]), playlist(2, many(60_000)), playlist(3, many(300))], 4);
    expect(large.length).toBeGreaterThan(18e6);
    await using folder = await folderWith({ 'mpd.slice.1.json': large });
    const { plain, fast } = await readBothWays(folder.path);
    expect(fast).toEqual(plain);
    expect(fast.counts).toMatchObject({ kept: 3, skipped: {} });
    const endless = slice([playlist(4, [entry(1)]), playlist(5, many(110_000)), playlist(6, [entry(2)])], 4);
    await using other = await folderWith({ 'mpd.slice.2.json': endless });
    const [cut] = await readWays(other.path, [{}]);
    expect(cut!.counts).toMatchObject({ kept: 1, skipped: { 'cut short': 1 } });
  });

  test('any playlists at all are read fast as they are read plainly', async () => {
    const anyText = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 12 }),
      fc.constantFrom('', ' ', '\\', '"', '\u0000', '{', ']'),
    );
    const anyValue = fc.oneof(
      { weight: 5, arbitrary: anyText },
      fc.integer(),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.constant(null),
      fc.boolean(),
      fc.constant([{}]),
    );
    const anyEntry = fc.oneof(
      {
        weight: 8,
        arbitrary: fc
          .tuple(fc.integer({ min: 0, max: 9 }), anyText)
          .map(([n, title]) => entry(n, { track_name: title })),
      },
      fc
        .tuple(
          fc.integer({ min: 0, max: 9 }),
          fc.dictionary(fc.constantFrom('track_uri', 'track_name', 'artist_name', 'x'), anyValue),
        )
        .map(([n, more]) => entry(n, more)),
      anyValue,
    );
    const anyPlaylist = fc.oneof(
      {
        weight: 6,
        arbitrary: fc
          .tuple(fc.array(anyEntry, { maxLength: 6 }), anyText)
          .map(([tracks, name]) => playlist(1, tracks, { name })),
      },
      fc
        .tuple(anyValue, fc.dictionary(fc.constantFrom('name', 'tracks', 'description'), anyValue))
        .map(([tracks, more]) => playlist(2, tracks, more)),
      anyValue,
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(anyPlaylist, { maxLength: 8 }),
        fc.constantFrom(undefined, 1, 4),
        async (playlists, indent) => {
          await using folder = await folderWith({
            'mpd.slice.0-999.json': slice([playlist(0, [entry(0)]), ...playlists], indent),
          });
          const { plain, fast } = await readBothWays(folder.path);
          expect(fast).toEqual(plain);
        },
      ),
      { numRuns: 40 },
    );
  });
});
