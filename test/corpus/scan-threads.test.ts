import { readFileSync } from 'node:fs';
import { readdir, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { zipSync } from 'fflate';
import { describe, expect, test } from 'vitest';
import { CorpusWriter } from '../../src/corpus/corpus-writer.ts';
import { readPlaylists, surveySource } from '../../src/corpus/playlist-source.ts';
import { fingerprintSource } from '../../src/corpus/source-fingerprint.ts';
import { generateMpdSlices } from './generate-mpd.ts';
import { contentsOf, folderWith, id, intoCorpus, readWays } from './read-fixture.ts';

const track = (n: number, title = `Song ${n}`) => ({
  pos: 0,
  artist_name: `Artist ${n}`,
  track_uri: `spotify:track:${id(n)}`,
  track_name: title,
});
const slice = (...playlists: unknown[]) => JSON.stringify({ info: { version: 'v1' }, playlists }, null, 4);
const playlist = (pid: number, ...tracks: unknown[]) => ({ name: `List ${pid}`, pid, tracks });

/** Slices of every kind of trouble, between good ones. */
function troubledFiles(): Record<string, string | Uint8Array> {
  const long = slice(...Array.from({ length: 300 }, (_, pid) => playlist(pid, track(pid), track(pid % 7))));
  return {
    'a/mpd.slice.000.json': slice(playlist(1, track(1, 'First title'), track(2)), playlist(2, track(3))),
    'a/mpd.slice.001.json': slice(playlist(3, track(1, 'Later title'), track(4)), null, playlist(4)),
    'a/mpd.slice.002.json': long.slice(0, long.length / 2),
    'b/deep/er/mpd.slice.003.json': long,
    'b/mpd.slice.004.json': slice(playlist(5, { ...track(5), track_name: ' ', isrc: 'GBXYZ2400017' }, track(5), 7)),
    'b/mpd.slice.005.json': slice(
      playlist(6, track(6, 'Caf\u00e9\u3000')),
      playlist(7, { track_name: 'x', artist_name: 'y' }),
    ),
    'c/mpd.slice.006.json': slice().replace('[]', '[{"pid":1,"tracks":[{"a":1}}}, {"pid": 2} 7 , , "]" ]'),
    'c/mpd.slice.007.json': Buffer.concat([
      Buffer.from([0xff, 0xfe]),
      Buffer.from(slice(playlist(8, track(8))), 'utf16le'),
    ]),
    'c/mpd.slice.008.json': Buffer.from(slice(playlist(9, track(9, 'Caf\u00e9')), playlist(10, track(10))), 'latin1'),
    'c/mpd.slice.009.json': `\ufeff${slice(playlist(11, track(11)))}`,
    'd/mpd.slice.010.json.gz': gzipSync(slice(playlist(12, track(12)), playlist(13, track(1)))),
    'e.zip': zipSync({
      'data/mpd.slice.012.json': Buffer.from(slice(playlist(14, track(14), track(1)))),
      'data/nested/mpd.slice.013.json': Buffer.from(long),
      'data/inner.zip': zipSync({ 'mpd.slice.014.json': Buffer.from(slice(playlist(15, track(15), track(2)))) }),
      'data/stored.json': [Buffer.from(slice(playlist(16, track(16)))), { level: 0 }],
    }),
    'f.zip': damagedZip(long),
    'z/mpd.slice.020.json': slice(playlist(17, track(17), track(1))),
  };
}

/** A zip of a stored slice in which one byte was changed, so that only its checksum tells. */
function damagedZip(text: string): Uint8Array {
  const zip = zipSync({ 'mpd.slice.015.json': [Buffer.from(text), { level: 0 }] });
  zip[text.indexOf('Song 5') + 60]! ^= 1;
  return zip;
}

describe('several threads', () => {
  test.each([1, 2, 3])(
    '%i of them read slices to the same corpus as none, and as the plain reader',
    async (threads) => {
      await using folder = await folderWith(troubledFiles());
      const ways = await readWays(folder.path, [{ isPlain: true }, { threads: 0 }, { threads }]);
      expect(ways[1]).toEqual(ways[0]);
      expect(ways[2]).toEqual(ways[0]);
      expect(ways[0]!.counts.skipped).toMatchObject({ 'cut short': 2, 'not a playlist': 2 });
      expect(ways[0]!.counts.kept).toBeGreaterThan(900);
    },
  );

  test('a file that is packed and damaged costs no other', async () => {
    const good = slice(playlist(1, track(1)));
    const packed = gzipSync(slice(...Array.from({ length: 3000 }, (_, pid) => playlist(pid, track(pid)))));
    await using folder = await folderWith({
      'a.json': good,
      'b.json.gz': packed.subarray(0, 300),
      'c.json.gz': packed.subarray(0, packed.length - 9),
      'd.json.gz': gzipSync(good),
    });
    await using out = await folderWith({});
    for (const threads of [0, 2]) {
      const { counts } = await intoCorpus(folder.path, out.path, (format) => format, threads);
      expect(counts.problems).toEqual([{ file: 'c.json', why: expect.stringContaining('cut short') }]);
      expect(counts.skipped).toEqual({ 'cut short': 1 });
      expect(counts.kept).toBeGreaterThanOrEqual(2);
    }
    const cutOnly = join(folder.path, 'b.json.gz');
    await expect(surveySource(cutOnly, { signal: new AbortController().signal })).rejects.toMatchObject({
      code: 'source-damaged',
    });
  });

  test('what a track is called is what the first slice calls it, whichever thread has read it', async () => {
    const files = Array.from({ length: 40 }, (_, n) => [
      `mpd.slice.${String(n).padStart(3, '0')}.json`,
      slice(...Array.from({ length: 1 + ((n * 37) % 90) }, (_, i) => playlist(i, track(i, `Title in ${n}`)))),
    ]);
    await using folder = await folderWith(Object.fromEntries(files));
    const [plain, three] = await readWays(folder.path, [{ isPlain: true }, { threads: 3 }]);
    expect(three).toEqual(plain);
  });

  test('of a real size, in a folder and in a zip', async () => {
    await using folder = await folderWith({});
    const { files } = generateMpdSlices(join(folder.path, 'data'), { slices: 5, playlists: 60, tracks: 900, seed: 7 });
    // A folder is read by name, a zip in its own order.
    const entries = files.toSorted().map((file) => [file.slice(folder.path.length + 1), readFileSync(file)]);
    await using zipped = await folderWith({ 'mpd.zip': zipSync(Object.fromEntries(entries)) });
    const [plain, two] = await readWays(join(folder.path, 'data'), [{ isPlain: true }, { threads: 2 }]);
    expect(two).toEqual(plain);
    const [fromZip] = await readWays(join(zipped.path, 'mpd.zip'), [{ threads: 2 }]);
    expect(fromZip).toEqual(plain);
  });

  test('a text corpus is cut between lines', async () => {
    const lines = Array.from({ length: 30_000 }, (_, n) =>
      Array.from({ length: 1 + (n % 90) }, (_, i) => (i === 7 ? 'no-track' : id((n * 7 + i) % 5000))).join(' '),
    );
    await using folder = await folderWith({ 'lists.txt': `${lines.join('\n')}\n` });
    expect((await stat(join(folder.path, 'lists.txt'))).size).toBeGreaterThan(30e6);
    const [none, two] = await readWays(folder.path, [{ threads: 0 }, { threads: 2 }]);
    expect(two).toEqual(none);
    expect(none!.counts).toMatchObject({ read: 30_000, kept: 30_000, skipped: {} });
  });

  test('stop when told to, and leave nothing behind', async () => {
    await using folder = await folderWith({});
    generateMpdSlices(join(folder.path, 'data'), { slices: 6, playlists: 100, tracks: 900, seed: 7 });
    const controller = new AbortController();
    const survey = await surveySource(join(folder.path, 'data'), { signal: controller.signal });
    const writer = await CorpusWriter.create(join(folder.path, 'corpora'), 'test');
    const reading = readPlaylists(survey, survey.formats[0]!, writer, {
      signal: controller.signal,
      threads: 2,
      onBytes: () => controller.abort(new Error('enough')),
    });
    await expect(reading).rejects.toThrow('enough');
    await writer.discard();
    expect(await readdir(join(folder.path, 'corpora'))).toEqual([]);
  });
});

describe('a large corpus', () => {
  test('is written by another thread as a small one is by this', async () => {
    const line = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => id(from + i)).join(' ');
    const many = Array.from({ length: 350 }, (_, n) => line(n * 100, n * 100 + 150));
    await using folder = await folderWith({ 'lists.txt': many.join('\n') });
    await using out = await folderWith({});
    const { corpus } = await intoCorpus(folder.path, out.path);
    const { playlists, vocabulary } = await contentsOf(corpus);
    expect(playlists.map(({ tracks }) => tracks.join(' '))).toEqual(many);
    expect(vocabulary.size).toBe(35_050);
    const ids = Array.from({ length: vocabulary.size }, (_, index) => vocabulary.id(index));
    const sorted = ids.toSorted((a, b) => {
      const [countA, countB] = [a, b].map((of) => vocabulary.counts[vocabulary.indexOf(of)]!) as [number, number];
      return countB - countA || (a < b ? -1 : 1);
    });
    expect(ids).toEqual(sorted);
  });
});

test('a large source is known again without reading all of it, and every change of it is seen', async () => {
  const bytes = Buffer.alloc(17 << 20, 'playlists ');
  await using folder = await folderWith({ 'large.json': bytes, 'small.json': '{}' });
  const fingerprint = () => fingerprintSource(folder.path, '1', new AbortController().signal);
  const first = await fingerprint();
  expect(await fingerprint()).toBe(first);
  const path = join(folder.path, 'large.json');
  const { mtime } = await stat(path);
  bytes[bytes.length - 1] = 0x21;
  await writeFile(path, bytes);
  await utimes(path, mtime, mtime);
  const changed = await fingerprint();
  expect(changed).not.toBe(first);
  await utimes(path, mtime, new Date(mtime.getTime() + 5000));
  expect(await fingerprint()).not.toBe(changed);
});
