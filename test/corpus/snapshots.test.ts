import { expect, test } from 'vitest';
import type { SkippedPlaylist } from '../../src/corpus/playlist-format.ts';
import { NEAR_COPY, withoutNearCopies } from '../../src/corpus/snapshots.ts';
import type { Playlist } from '../../src/music/playlist.ts';
import { id } from './read-fixture.ts';

const snapshot = (listId: string, date: string, ...tracks: number[]): Playlist => ({
  id: listId,
  name: listId,
  date,
  tracks: tracks.map((n) => ({ id: id(n) })),
});

async function keep(...items: (Playlist | SkippedPlaylist)[]): Promise<string[]> {
  const kept: string[] = [];
  const source = (async function* () {
    yield* items;
  })();
  for await (const item of withoutNearCopies(source))
    kept.push('skipped' in item ? item.skipped : `${item.id} ${item.date}`);
  return kept;
}

test('a snapshot that shares half of its tracks with the last one kept is left out', async () => {
  expect(
    await keep(
      snapshot('a', '2020-01-01', 1, 2, 3, 4),
      snapshot('a', '2020-01-02', 1, 2, 5, 6),
      snapshot('a', '2020-01-03', 1, 5, 6, 7),
      snapshot('a', '2020-01-04', 1, 5, 8, 9),
      snapshot('a', '2020-01-05', 10, 11, 12, 1),
    ),
  ).toEqual(['a 2020-01-01', NEAR_COPY, 'a 2020-01-03', NEAR_COPY, 'a 2020-01-05']);
});

test('other playlists and playlists without a date are not compared', async () => {
  const undated: Playlist = { id: 'a', name: 'a', tracks: [{ id: id(1) }] };
  expect(
    await keep(snapshot('a', '2020-01-01', 1), snapshot('b', '2020-01-01', 1), undated, undated, {
      skipped: 'no tracks',
    }),
  ).toEqual(['a 2020-01-01', 'b 2020-01-01', 'a undefined', 'a undefined', 'no tracks']);
});
