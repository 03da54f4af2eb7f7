import { afterEach, beforeEach, expect, test } from 'vitest';
import { ExpectedError } from '../../src/base/errors.ts';
import { fillRecipe, readRecipe } from '../../src/recommend/read-recipe.ts';
import { saveApiLikes, saveApiPlaylistItems, saveApiPlaylists } from '../../src/store/api-library.ts';
import { saveTracks } from '../../src/store/tracks.ts';
import { readHistory } from '../../src/tasks/recipe-history.ts';
import { idOf, trackOf } from '../recommend/tiny-world.ts';
import { describeEachStore, type TestStore } from '../store-fixture.ts';
import { addListener } from './editions.ts';

const now = new Date('2026-11-22T12:00:00Z');
const [one, two, three, four] = ['One', 'Two', 'Three', 'Four'].map((title) => trackOf(title, 'A')) as [
  ReturnType<typeof trackOf>,
  ReturnType<typeof trackOf>,
  ReturnType<typeof trackOf>,
  ReturnType<typeof trackOf>,
];
const like = (playlist: string) => {
  const recipe = { name: 'mine', summary: 'Mine.', seeds: [{ from: 'playlist', playlist }] };
  return fillRecipe(readRecipe(JSON.stringify(recipe), 'mine'));
};
const weekly = fillRecipe(readRecipe('{"name": "weekly", "summary": "Weekly."}', 'weekly'));

describeEachStore('history of a recipe', (openStore) => {
  let store: TestStore;
  let listenerId: number;

  beforeEach(async () => {
    store = await openStore();
    listenerId = await addListener(store);
    await saveTracks(store.db, [one, two, three, four]);
    const play = { listener_id: listenerId, ms_played: 200_000 };
    const ended = (day: string) => new Date(`${day}T12:00:00Z`);
    await store.db
      .insertInto('play')
      .values([
        { ...play, track_id: one.id, ended_at: ended('2026-11-20'), source: 'api', polled_at: ended('2026-11-20') },
        { ...play, track_id: two.id, ended_at: ended('2019-11-20'), source: 'export' },
        { ...play, track_id: three.id, ended_at: ended('2019-11-21'), source: 'export', ms_played: 4000 },
      ])
      .execute();
    await saveApiLikes(store.db, listenerId, [{ trackId: four.id, likedAt: ended('2020-01-01') }], []);
    const playlist = { description: null, owned: true, readable: true, itemsTotal: 1, snapshot: null };
    await saveApiPlaylists(
      store.db,
      listenerId,
      [
        { ...playlist, id: idOf('list1'), name: 'Summer' },
        { ...playlist, id: idOf('list2'), name: 'SUMMER' },
        { ...playlist, id: idOf('list3'), name: 'Empty' },
        { ...playlist, id: idOf('list4'), name: 'Theirs', readable: false },
      ],
      now,
    );
    const item = (track: { id: string }, position: number) => ({ position, trackId: track.id, addedAt: null });
    const version = { snapshot: 'a', at: now };
    await saveApiPlaylistItems(store.db, listenerId, idOf('list1'), [item(two, 0), item(one, 1)], version);
    await saveApiPlaylistItems(store.db, listenerId, idOf('list2'), [item(three, 0)], version);
  });
  afterEach(() => store.close());

  const read = (recipe = weekly, seeds: 'all' | 'export' = 'all') =>
    readHistory(store.db, listenerId, recipe, { now, seeds });
  const titles = (tracks: readonly { title: string }[] | undefined) => tracks?.map(({ title }) => title);

  test('listens, all that was heard, likes', async () => {
    const history = await read();
    expect(titles(history.listens)).toEqual(['Two', 'One']);
    expect(history.heard.map(({ id }) => id).sort()).toEqual([one.id, two.id, three.id].sort());
    expect(history.liked).toMatchObject([{ title: 'Four', since: new Date('2020-01-01T12:00:00Z') }]);
    expect(history.playlists.size).toBe(0);
  });

  test('where seeds are the export’s only, what the account heard and liked is known all the same', async () => {
    const history = await read(weekly, 'export');
    expect(titles(history.listens)).toEqual(['Two']);
    expect([history.liked, history.top]).toEqual([[], []]);
    expect(history.heard).toHaveLength(3);
    expect(history.everyLike).toMatchObject([{ id: four.id, recordingKey: 'a|four' }]);
  });

  test('a playlist by id, URI or link, or by name; those of one name together', async () => {
    const id = idOf('list1');
    for (const wanted of [id, `spotify:playlist:${id}`, `https://open.spotify.com/playlist/${id}?si=1`])
      expect(titles((await read(like(wanted))).playlists.get(wanted))).toEqual(['Two', 'One']);
    expect(titles((await read(like('summer'))).playlists.get('summer'))).toEqual(['Two', 'One', 'Three']);
  });

  test.each([
    ['Winter', 'all', 'No playlist of your library has that name or id.'],
    ['Summer', 'export', 'No playlist of your export has that name or id.'],
    ['Empty', 'all', 'It is empty.'],
    ['Theirs', 'all', 'Spotify lets apps read only playlists that are yours or that you work on.'],
  ] as const)('%s of %s is refused', async (name, seeds, why) => {
    const error = await read(like(name), seeds).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ExpectedError);
    expect(error).toMatchObject({ code: 'not-found', why });
  });
});
