import type { CatalogueTrack } from '../../src/simulator/catalogue.ts';
import type { World } from '../../src/simulator/world.ts';
import type { Store } from '../../src/store/connect.ts';
import { jsonText } from '../../src/store/rows.ts';
import { saveTracks } from '../../src/store/tracks.ts';

/** `count` tracks of the demo world, of different recordings; `from` skips some. */
export function someTracks(world: World, count: number, from = 0): CatalogueTrack[] {
  return [...world.catalogue.tracks.values()].slice(from, from + count);
}

export async function addListener(store: Store, name = 'me'): Promise<number> {
  const row = await store.db.insertInto('listener').values({ name }).returning('listener_id').executeTakeFirstOrThrow();
  return row.listener_id;
}

/** Stores a draft edition of these tracks and returns its id. */
export async function addEdition(
  store: Store,
  listenerId: number,
  tracks: readonly CatalogueTrack[],
  { runKey = 'run-1', createdAt = new Date('2026-11-22T06:00:00Z') } = {},
): Promise<number> {
  await saveTracks(
    store.db,
    tracks.map((track) => ({
      id: track.id,
      title: track.title,
      artists: track.artists.map(({ name }) => name),
      credits: track.artists,
      isrc: track.isrc,
    })),
  );
  const { edition_id } = await store.db
    .insertInto('edition')
    .values({
      listener_id: listenerId,
      run_key: runKey,
      recipe: 'weekly',
      title: 'Weekly',
      status: 'draft',
      model_id: null,
      seeds_total: 0,
      seeds_found: 0,
      settings: jsonText({}),
      created_at: createdAt,
    })
    .returning('edition_id')
    .executeTakeFirstOrThrow();
  const items = tracks.map((track, position) => ({
    edition_id,
    position,
    track_id: track.id,
    recommender: 'song-vectors',
    seed_track_id: null,
    similarity: null,
    score: 1 - position / 1000,
    reason: 'A test wants it.',
  }));
  for (let start = 0; start < items.length; start += 1000) {
    await store.db
      .insertInto('edition_item')
      .values(items.slice(start, start + 1000))
      .execute();
  }
  return edition_id;
}
