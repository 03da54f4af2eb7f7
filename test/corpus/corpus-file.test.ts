import { spawnSync } from 'node:child_process';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { openCorpus } from '../../src/corpus/corpus-file.ts';
import { CorpusWriter } from '../../src/corpus/corpus-writer.ts';
import { namedTrackId } from '../../src/corpus/named-track.ts';
import type { Playlist, PlaylistTrack } from '../../src/music/playlist.ts';
import { contentsOf, folderWith, id } from './read-fixture.ts';

const facts = { source: 'test', createdAt: new Date('2026-11-22T00:00:00Z') };

async function write(parent: string, playlists: readonly Playlist[]) {
  const writer = await CorpusWriter.create(parent, 'test');
  for (const playlist of playlists) writer.addPlaylist(playlist);
  return await writer.finish(facts);
}

const list = (name: string, ...tracks: PlaylistTrack[]): Playlist => ({ id: name, name, tracks });
const track = (n: number) => ({ id: id(n), title: `Song ${n}`, artists: [`Artist ${n % 3}`, 'Guest'] });

describe('a corpus file', () => {
  test('gives back what was written, whatever it was', async () => {
    const anyTrack = fc.integer({ min: 0, max: 40 }).map((n) => ({ ...track(n), title: `S\u00f6ng \u{1f3b5} ${n}` }));
    const anyPlaylist = fc.record({
      id: fc.constantFrom('a', 'b', 'c'),
      name: fc.string({ unit: 'grapheme', maxLength: 20 }).map((name) => name.replace(/[\ud800-\udfff]/gu, '?')),
      tracks: fc.array(anyTrack, { maxLength: 30 }),
      date: fc.constantFrom(undefined, '2019-05-26', '2020-09-30'),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(anyPlaylist, { maxLength: 20 }), async (lists) => {
        await using folder = await folderWith({});
        const playlists = lists.map(({ date, ...rest }) => (date === undefined ? rest : { ...rest, date }));
        const { folder: written } = await write(folder.path, playlists);
        const { playlists: read, vocabulary } = await contentsOf(await openCorpus(written));
        const kept = playlists.filter(({ tracks }) => tracks.length > 0);
        expect(read.map(({ name, tracks }) => ({ name, tracks }))).toEqual(
          kept.map(({ name, tracks }) => ({ name, tracks: tracks.map((t) => t.id) })),
        );
        const counts = new Map<string, number>();
        for (const { tracks } of kept) for (const t of tracks) counts.set(t.id, (counts.get(t.id) ?? 0) + 1);
        expect(vocabulary.size).toBe(counts.size);
        for (const { tracks } of kept) {
          for (const { id: trackId, title, artists } of tracks) {
            const index = vocabulary.indexOf(trackId);
            expect(vocabulary.entry(index)).toEqual({ id: trackId, title, artists });
            expect(vocabulary.counts[index]).toBe(counts.get(trackId));
          }
        }
      }),
      { numRuns: 40 },
    );
  });

  test('orders tracks by frequency, then id, and finds each by its id', async () => {
    await using folder = await folderWith({});
    const { folder: written } = await write(folder.path, [
      list('one', track(3), track(1), track(2)),
      list('two', track(1), track(3), track(3)),
    ]);
    const vocabulary = await (await openCorpus(written)).readVocabulary();
    expect([0, 1, 2].map((i) => [vocabulary.id(i), vocabulary.counts[i]])).toEqual([
      [id(3), 3],
      [id(1), 2],
      [id(2), 1],
    ]);
    expect([id(1), id(2), id(3), id(4), 'short'].map((trackId) => vocabulary.indexOf(trackId))).toEqual([
      1, 2, 0, -1, -1,
    ]);
  });

  test('has the same fingerprint for the same playlists, and is written once', async () => {
    await using folder = await folderWith({});
    const first = await write(folder.path, [list('a', track(1), track(2))]);
    const again = await write(folder.path, [list('a', track(1), track(2))]);
    const other = await write(folder.path, [list('a', track(2), track(1))]);
    expect([first.isNew, again.isNew, other.isNew]).toEqual([true, false, true]);
    expect(again.folder).toBe(first.folder);
    expect(await readdir(folder.path)).toHaveLength(2);
  });

  test('gives snapshots of one playlist one group, and each its day', async () => {
    await using folder = await folderWith({});
    const snapshot = (listId: string, date: string) => ({ ...list('S', track(1)), id: listId, date });
    const { folder: written } = await write(folder.path, [
      snapshot('a', '2019-05-26'),
      list('undated', track(1)),
      snapshot('b', '1970-01-02'),
      snapshot('a', '2019-05-27'),
    ]);
    const { playlists } = await contentsOf(await openCorpus(written));
    expect(playlists.map(({ group, day }) => [group, day])).toEqual([
      [0, 18042],
      [1, 0],
      [2, 1],
      [0, 18043],
    ]);
  });

  test('keeps tracks known by title and artist alone, editions of one recording as one', async () => {
    await using folder = await folderWith({});
    const { folder: written } = await write(folder.path, [
      list(
        'named',
        { title: 'Roads (Remastered 2011)', artists: ['Portishead'] },
        { title: 'Roads', artists: ['Portishead'] },
        track(1),
      ),
    ]);
    const corpus = await openCorpus(written);
    expect(corpus.manifest.counts).toMatchObject({ tokens: 1, namedTokens: 2, tracks: 1, namedTracks: 1 });
    expect((await corpus.readVocabulary()).indexOf(namedTrackId('Roads', 'Portishead'))).toBe(0);
  });

  test('leads tokens of a redirected track to another, and drops playlists left without any', async () => {
    await using folder = await folderWith({});
    const writer = await CorpusWriter.create(folder.path, 'test');
    for (const p of [list('a', track(1), track(2)), list('gone', track(3)), list('b', track(2))]) writer.addPlaylist(p);
    writer.redirect(writer.vocabulary.indexOf(id(2)), writer.vocabulary.indexOf(id(1)));
    writer.redirect(writer.vocabulary.indexOf(id(3)));
    const { playlists, vocabulary } = await contentsOf(await openCorpus((await writer.finish(facts)).folder));
    expect(playlists.map(({ name, tracks }) => [name, tracks])).toEqual([
      ['a', [id(1), id(1)]],
      ['b', [id(1)]],
    ]);
    expect([vocabulary.size, vocabulary.counts[0]]).toEqual([1, 3]);
  });

  test('is not there at all until it is whole, and clears what a killed process left', async () => {
    const dead = spawnSync(process.execPath, ['-e', '']).pid;
    await using folder = await folderWith({
      [`.unfinished-${dead}@${hostname()}-abcdef/tokens.spill`]: 'half',
      'other-0/manifest.json': '{}',
    });
    const writer = await CorpusWriter.create(folder.path, 'test');
    writer.addPlaylist(list('a', track(1)));
    const own = expect.stringMatching(`^[.]unfinished-${process.pid}@`);
    expect((await readdir(folder.path)).sort()).toEqual([own, 'other-0']);
    await writer.discard();
    expect(await readdir(folder.path)).toEqual(['other-0']);
  });

  test('two of one name are written at the same time without a trace of each other', async () => {
    await using folder = await folderWith({});
    const one = await CorpusWriter.create(folder.path, 'test');
    const two = await CorpusWriter.create(folder.path, 'test');
    one.addPlaylist(list('one', track(1)));
    two.addPlaylist(list('two', track(2)));
    const written = await Promise.all([one.finish(facts), two.finish(facts)]);
    const contents = await Promise.all(written.map(async (each) => contentsOf(await openCorpus(each.folder))));
    expect(contents.flatMap(({ playlists }) => playlists.map(({ name }) => name))).toEqual(['one', 'two']);
    expect(await readdir(folder.path)).toHaveLength(2);
  });
});

describe('a damaged corpus', () => {
  const damages: [string, (folder: string) => Promise<void>, RegExp][] = [
    ['a column cut short', async (f) => cut(join(f, 'tokens.u32')), /tokens\.u32 has \d+ bytes where \d+ were written/],
    ['a flipped bit', async (f) => flip(join(f, 'tokens.u32')), /checksum of tokens\.u32/],
    ['a missing file', async (f) => rm(join(f, 'titles.utf8')), /titles\.utf8 cannot be read \(ENOENT\)/],
    ['a manifest that is not JSON', async (f) => cut(join(f, 'manifest.json')), /manifest\.json is not JSON/],
    [
      'a manifest of something else',
      async (f) => writeFile(join(f, 'manifest.json'), '{"format":"x"}'),
      /not a corpus manifest/,
    ],
  ];
  test.each(damages)('%s is told in three lines', async (_, damage, why) => {
    await using folder = await folderWith({});
    const { folder: written } = await write(folder.path, [list('a', track(1), track(2))]);
    await damage(written);
    const read = async () => {
      const corpus = await openCorpus(written);
      await corpus.readTokens();
      await corpus.readVocabulary();
    };
    await expect(read()).rejects.toMatchObject({ code: 'corpus-damaged', why: expect.stringMatching(why) });
  });

  test('one of a later version is refused as such', async () => {
    await using folder = await folderWith({});
    const { folder: written } = await write(folder.path, [list('a', track(1))]);
    const manifest = JSON.parse(await readFile(join(written, 'manifest.json'), 'utf8'));
    await writeFile(join(written, 'manifest.json'), JSON.stringify({ ...manifest, version: 99 }));
    await expect(openCorpus(written)).rejects.toMatchObject({ code: 'corpus-newer' });
  });
});

async function cut(path: string): Promise<void> {
  await writeFile(path, (await readFile(path)).subarray(0, -3));
}

async function flip(path: string): Promise<void> {
  const bytes = await readFile(path);
  bytes[0]! ^= 1;
  await writeFile(path, bytes);
}
