import { describe, expect, test } from 'vitest';
import { openCorpus } from '../../src/corpus/corpus-file.ts';
import { tabulateCorpus } from '../../src/corpus/corpus-table.ts';
import { CorpusWriter } from '../../src/corpus/corpus-writer.ts';
import { knownInVocabulary, shareOfPlaysCovered } from '../../src/corpus/coverage.ts';
import { type MergeSource, mergeParts } from '../../src/corpus/merge.ts';
import type { Playlist, PlaylistTrack } from '../../src/music/playlist.ts';
import { recordingKey } from '../../src/music/track.ts';
import { contentsOf, folderWith, id } from './read-fixture.ts';

const createdAt = new Date('2026-11-22T00:00:00Z');
const track = (n: number): PlaylistTrack => ({ id: id(n), title: `Song ${n}`, artists: [`Artist ${n}`] });
const named = (n: number): PlaylistTrack => ({ title: `Song ${n} (Remastered 2011)`, artists: [`ARTIST ${n}`] });
const list = (name: string, ...tracks: PlaylistTrack[]): Playlist => ({ id: name, name, tracks });

async function sourceCorpus(parent: string, name: string, ...playlists: Playlist[]) {
  const writer = await CorpusWriter.create(parent, name);
  for (const playlist of playlists) writer.addPlaylist(playlist);
  return { name, corpus: await openCorpus((await writer.finish({ source: 'jsonl', createdAt })).folder) };
}

async function merge(parent: string, sources: MergeSource[]) {
  const writer = await CorpusWriter.create(parent, 'training');
  const { parts, named: namedTracks } = await mergeParts(writer, sources, async () => {});
  const { folder } = await writer.finish({ source: 'training', createdAt, parts });
  const corpus = await openCorpus(folder);
  return { corpus, parts, namedTracks, ...(await contentsOf(corpus)) };
}

describe('merging', () => {
  test('parts keep their order, and each says what it adds', async () => {
    await using folder = await folderWith({});
    const a = await sourceCorpus(folder.path, 'a', list('a1', track(1), track(2), track(2)), list('a2', track(3)));
    const b = await sourceCorpus(folder.path, 'b', list('b1', track(3), track(4)));
    const result = await merge(folder.path, [
      a,
      b,
      { name: 'own playlists', format: 'account', playlists: [list('mine', track(1), track(5))] },
    ]);
    expect(result.playlists.map(({ name, tracks }) => [name, tracks])).toEqual([
      ['a1', [id(1), id(2), id(2)]],
      ['a2', [id(3)]],
      ['b1', [id(3), id(4)]],
      ['mine', [id(1), id(5)]],
    ]);
    expect(
      result.parts.map(({ name, playlists, tokens, tracks, newTracks }) => [
        name,
        playlists,
        tokens,
        tracks,
        newTracks,
      ]),
    ).toEqual([
      ['a', 2, 4, 3, 3],
      ['b', 1, 2, 2, 1],
      ['own playlists', 1, 2, 2, 1],
    ]);
    expect(result.vocabulary.entry(result.vocabulary.indexOf(id(5)))).toEqual(track(5));
  });

  test('a track known by name goes to the most frequent id of its recording, or out', async () => {
    await using folder = await folderWith({});
    const twin = { ...track(1), id: id(100) };
    const a = await sourceCorpus(folder.path, 'a', list('a1', track(1), twin, twin, track(2)));
    const m3u = await sourceCorpus(folder.path, 'm3u', list('m', named(1), named(9), track(2)), list('lost', named(9)));
    const result = await merge(folder.path, [a, m3u]);
    expect(result.playlists.map(({ name, tracks }) => [name, tracks])).toEqual([
      ['a1', [id(1), id(100), id(100), id(2)]],
      ['m', [id(100), id(2)]],
    ]);
    expect(result.namedTracks).toEqual({ matchedTracks: 1, matchedTokens: 1, unmatchedTracks: 1, unmatchedTokens: 2 });
    expect(result.corpus.manifest.counts).toEqual({
      playlists: 2,
      tokens: 6,
      tracks: 3,
      namedTracks: 0,
      namedTokens: 0,
    });
  });

  test('the same list by two ways counts once, short ones excepted', async () => {
    await using folder = await folderWith({});
    const long = [1, 2, 3, 4, 5].map(track);
    const a = await sourceCorpus(folder.path, 'a', list('x', ...long), list('pair', track(1), track(2)));
    const b = await sourceCorpus(
      folder.path,
      'b',
      list('x again', ...long),
      list('pair', track(1), track(2)),
      list('turned', ...long.toReversed()),
    );
    const { playlists, parts } = await merge(folder.path, [a, b]);
    expect(playlists.map(({ name }) => name)).toEqual(['x', 'pair', 'pair', 'turned']);
    expect(parts[1]!.skipped).toEqual({ 'same tracks as another playlist': 1 });
  });

  test('snapshots stay together across the merge', async () => {
    await using folder = await folderWith({});
    const dated = (date: string, n: number) => ({ ...list('s', track(n)), date });
    const a = await sourceCorpus(
      folder.path,
      'a',
      list('first', track(9)),
      dated('2020-01-01', 1),
      dated('2020-01-02', 2),
    );
    const b = await sourceCorpus(folder.path, 'b', dated('2020-01-03', 3));
    const { playlists } = await merge(folder.path, [a, b]);
    expect(playlists.map(({ group, day }) => [group, day])).toEqual([
      [0, 0],
      [1, 18262],
      [1, 18263],
      [3, 18264],
    ]);
  });
});

describe('coverage', () => {
  test('plays are found by id, ISRC, or title and artist', async () => {
    await using folder = await folderWith({});
    const { corpus } = await sourceCorpus(
      folder.path,
      'a',
      list('a', track(1), { ...track(2), isrc: 'GBXYZ2400017' }, track(3)),
    );
    const known = knownInVocabulary(await corpus.readVocabulary());
    const played = (trackId: string, plays: number, isrc: string | null, title: string, artist: string) => ({
      trackId,
      plays,
      isrc,
      recordingKey: recordingKey(title, artist),
    });
    const plays = [
      played(id(1), 4, null, 'other title', 'other artist'),
      played(id(22), 3, 'GBXYZ2400017', 'other title', 'x'),
      played(id(33), 2, null, 'Song 3 - Remastered 2011', 'artist 3'),
      played(id(44), 1, 'GBXYZ2400018', 'Song 4', 'Artist 4'),
    ];
    expect(await shareOfPlaysCovered(known, plays, async () => {})).toBe(0.9);
    expect(await shareOfPlaysCovered(known, [], async () => {})).toBe(null);
  });

  test('the table lists parts, the whole, and sources not yet in it', async () => {
    await using folder = await folderWith({});
    const a = await sourceCorpus(folder.path, 'a', list('a1', track(1), track(2)));
    const late = await sourceCorpus(folder.path, 'late', list('l', track(7)));
    const { corpus } = await merge(folder.path, [a]);
    const table = tabulateCorpus(
      corpus.manifest,
      [a.corpus.manifest, late.corpus.manifest],
      new Map([
        ['a', 0.5],
        ['training', 0.5],
      ]),
    );
    const row = { playlists: 1, tokens: 2, tracks: 2, newTracks: 2, playsCovered: 0.5 };
    expect(table).toEqual({
      rows: [{ part: 'a', format: 'jsonl', ...row }],
      total: { part: 'training', format: 'training', ...row },
      waiting: [
        { part: 'late', format: 'jsonl', playlists: 1, tokens: 1, tracks: 1, newTracks: null, playsCovered: null },
      ],
    });
  });
});
