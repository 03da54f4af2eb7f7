import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openCorpus } from '../../src/corpus/corpus-file.ts';
import { CorpusWriter } from '../../src/corpus/corpus-writer.ts';
import type { Playlist } from '../../src/music/playlist.ts';
import { NO_ARTIST } from '../../src/recommend/recommender.ts';
import { saveFeatures } from '../../src/store/features.ts';
import { saveTracks } from '../../src/store/tracks.ts';
import { openHistoryWorld } from '../../src/tasks/history-world.ts';
import { songWith } from '../recommend/feature-worlds.ts';
import { trackOf } from '../recommend/tiny-world.ts';
import { openTestStore, type TestStore } from '../store-fixture.ts';
import { addMergedCorpus, addTrainingCorpus } from '../training-corpus.ts';

let store: TestStore;
beforeEach(async () => {
  store = await openTestStore();
});
afterEach(() => store.close());

const { signal } = new AbortController();
const open = () => openHistoryWorld(store, store.dataDir, signal);
const song = (name: string) => trackOf(name, `By ${name[0]}`);
const list = (name: string, songs: readonly string[], more: Partial<Playlist> = {}): Playlist => ({
  id: name,
  name,
  tracks: songs.map(song),
  ...more,
});
const part = (name: string, format: string, ...playlists: Playlist[]) => ({ name, format, playlists });

/** Names and titles of all that can be learned from. */
async function learned() {
  const { world, catalogue } = await open();
  const { starts, rows } = world.playlists;
  return world.names!.map((name, at) => [
    name,
    Array.from(rows.subarray(starts[at]!, starts[at + 1]!), (row) => catalogue.track(row).title),
  ]);
}

test('what is the listener’s own is left out, songs that stand nowhere else too', async () => {
  await addMergedCorpus(store, [
    part('public lists', 'jsonl', list('Rock', ['A', 'B', 'C']), list('More rock', ['B', 'C'])),
    part('my export', 'exportify', list('Mine', ['A', 'X'])),
    part('others', 'mpd', list('Jazz', ['C', 'D'])),
    part('own playlists', 'account', list('Favourites', ['A', 'Y'])),
    part('listening sessions', 'account', list('Session 1', ['B', 'Z', 'Z2']), list('Session 2', ['A', 'D'])),
  ]);
  expect(await learned()).toEqual([
    ['Rock', ['A', 'B', 'C']],
    ['More rock', ['B', 'C']],
    ['Jazz', ['C', 'D']],
  ]);
  await saveTracks(store.db, ['B', 'Z'].map(song));
  const sound = { ...songWith({ energy: 0.5, tempo: 100 }), timeSignature: 4 };
  await saveFeatures(
    store.db,
    'file',
    ['B', 'Z'].map((name) => ({ trackId: song(name).id, ...sound })),
  );
  const { world, catalogue, leftOut, days, corpus } = await open();
  expect(Array.from(world.features!.rows, (row) => catalogue.track(row).title)).toEqual(['B']);
  expect(leftOut).toEqual([
    { name: 'my export', playlists: 1 },
    { name: 'own playlists', playlists: 1 },
    { name: 'listening sessions', playlists: 2 },
  ]);
  expect(corpus.playlists).toBe(7);
  // By how many playlists of others they stand in.
  expect(Array.from({ length: catalogue.size }, (_, row) => catalogue.track(row).title)).toEqual(['C', 'B', 'A', 'D']);
  expect(new Set(world.artistOf).size).toBe(4);
  expect(world.artistOf).not.toContain(NO_ARTIST);
  expect([world.groups.length, days.length]).toEqual([3, 3]);
});

test('playlists that were left out unwritten leave no room for the listener’s own', async () => {
  const nameless = { tracks: [{ title: 'Known to nobody', artists: ['Nobody'] }] };
  await addMergedCorpus(store, [
    part(
      'public lists',
      'jsonl',
      list('Rock', ['A', 'B', 'C']),
      list('Soul', ['B', 'C', 'D']),
      list('Gone', [], nameless),
    ),
    part('my export', 'account-data', list('Mine', ['A', 'X', 'Y'])),
    part('others', 'mpd', list('Jazz', ['C', 'D']), list('Blues', ['B', 'D'])),
    part('listening sessions', 'account', list('Session', ['A', 'Z'])),
  ]);
  const found = await learned();
  const titles = found.flatMap(([, songs]) => songs);
  for (const own of ['X', 'Y', 'Z']) expect(titles).not.toContain(own);
  expect(found.map(([name]) => name)).not.toContain('Mine');
  expect(found.map(([name]) => name)).not.toContain('Session');
  expect(found.length).toBeGreaterThanOrEqual(2);
});

test('snapshots keep their days and share a group, whatever stood before them', async () => {
  const writer = await CorpusWriter.create(join(store.dataDir, 'corpora'), 'archive');
  writer.addPlaylist(list('Rock', ['A', 'C']));
  writer.addPlaylist(list('Charts', ['A', 'B'], { date: '2026-01-01' }));
  writer.addPlaylist(list('Charts', ['B', 'C'], { date: '2026-02-01' }));
  const { folder } = await writer.finish({ source: 'jsonl', createdAt: new Date(0) });
  await addMergedCorpus(store, [
    part('own playlists', 'account', list('Mine', ['A', 'B'])),
    { name: 'archive', corpus: await openCorpus(folder) },
  ]);
  const { world, days } = await open();
  expect(world.names).toEqual(['Rock', 'Charts', 'Charts']);
  expect([...days]).toEqual([0, Date.parse('2026-01-01') / 86_400_000, Date.parse('2026-02-01') / 86_400_000]);
  const [rock, first, second] = world.groups;
  expect(first).toBe(second);
  expect(rock).not.toBe(first);
});

test('a corpus without parts is all of others', async () => {
  await addTrainingCorpus(store, [[song('A'), song('B')], [song('B')]]);
  expect((await open()).leftOut).toEqual([]);
  expect(await learned()).toEqual([
    ['Playlist 0', ['A', 'B']],
    ['Playlist 1', ['B']],
  ]);
});

test('says what is missing', async () => {
  await expect(open()).rejects.toMatchObject({ code: 'no-corpus' });
  await addMergedCorpus(store, [part('listening sessions', 'account', list('Session', ['A', 'B']))]);
  await expect(open()).rejects.toMatchObject({
    code: 'nothing-to-learn-from',
    why: 'The training corpus has no playlist besides listening sessions.',
  });
});
