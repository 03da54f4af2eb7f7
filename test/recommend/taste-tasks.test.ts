import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { ManualClock } from '../../src/base/clock.ts';
import type { Json } from '../../src/base/task.ts';
import { readEdition } from '../../src/store/editions.ts';
import { ensureListener } from '../../src/store/listeners.ts';
import { saveTracks } from '../../src/store/tracks.ts';
import { recommend } from '../../src/tasks/recommend.ts';
import { readOwnRules } from '../../src/tasks/recommend-rules.ts';
import { countEffects, previewTaste } from '../../src/tasks/taste-preview.ts';
import { describeEachStore, type TestStore } from '../store-fixture.ts';
import { notKept, recipesOf } from '../training-corpus.ts';
import { addGenres, addPlays, contextAt, NOW, setRules } from './taste-world.ts';
import { songOf } from './tiny-world.ts';

const code = (wanted: string) => expect.objectContaining({ code: wanted });
const range = (from: number, to: number) => Array.from({ length: to - from }, (_, at) => from + at);
type Named = { title: string }[];
const titles = (songs: unknown) => (songs as Named).map(({ title }) => title);

describeEachStore('taste rules in recommend', (openStore) => {
  let store: TestStore;
  let me: number;
  const clock = new ManualClock(NOW);

  const run = (runKey: string, input: { [name: string]: Json } = {}) =>
    recommend({
      store,
      recommenders: notKept(store),
      listenerId: me,
      timeZone: 'Europe/Stockholm',
      recipes: recipesOf(store.dataDir),
    }).run({ length: 6, ...input }, contextAt(clock, runKey));
  const edition = async (runKey: string, input: { [name: string]: Json } = {}) => {
    // An edition of the same moment would count as recommended lately even with no weeks between.
    clock.advance(1000);
    return (await readEdition(store.db, ((await run(runKey, input)) as { edition: number }).edition))!;
  };
  const plays = (songs: number[], daysAgo: number, more: object = {}) => addPlays(store, me, songs, daysAgo, more);
  const rules = (...texts: string[]) => setRules(store, me, ...texts);

  beforeAll(async () => {
    store = await openStore();
    await addGenres(store);
  });
  afterAll(() => store.close());
  beforeEach(async () => {
    clock.set(NOW);
    me = await ensureListener(store.db, 'me');
    for (const table of ['edition', 'play', 'liked_track', 'top_item', 'taste_rule', 'taste_change'] as const)
      await store.db.deleteFrom(table).execute();
    await store.db.updateTable('track').set({ explicit: null }).execute();
  });

  test('plays that a rule names are no seeds, and the edition keeps what each rule left out', async () => {
    await plays(range(0, 6), 2);
    await plays(range(20, 26), 3, { platform: 'Partner sonos Living Room' });
    await plays([30], 1, { private_session: true });
    const mixed = await edition('mixed');
    expect(mixed.seedsTotal).toBe(12);
    await rules('device:living room', 'hour:2-5', 'per-artist:1');
    const { seeds, items, settings } = await edition('jazz');
    expect(seeds.map(({ trackId }) => trackId).sort()).toEqual(
      range(0, 6)
        .map((song) => songOf(song).id)
        .sort(),
    );
    for (const { track } of items) expect(track.title).toMatch(/^Jazz/);
    expect(settings).toMatchObject({
      perArtist: 1,
      notAgainWeeks: 8,
      taste: {
        playsLeftOut: 7,
        rules: [
          { id: 'device:living room', plays: 6, unknown: 7, words: 'Plays on "living room" do not count.' },
          { id: 'hour:2-5', plays: 0, unknown: 0 },
          { id: 'per-artist:1' },
          { id: 'private', plays: 1, unknown: 12 },
          { id: 'no-liked' },
          { id: 'not-again:8' },
        ],
      },
    });
    await rules('allow-private');
    expect((await edition('all')).seedsTotal).toBe(13);
  });

  test('an artist and a song that are left out do not come; plays alone, and songs alone', async () => {
    await plays(range(0, 6), 2);
    const { items } = await edition('before');
    const artist = items[0]!.track.artists[0]!;
    const second = items.find(({ track }) => track.artists[0] !== artist);
    const name = `${second!.track.artists[0]} - ${second!.track.title}`;
    const again = { notAgainWeeks: 0 };
    await rules(`artist:${artist}`, `track:${name}`);
    const both = await edition('both', again);
    expect(both.items.flatMap(({ track }) => track.artists)).not.toContain(artist);
    expect(both.items.map(({ trackId }) => trackId)).not.toContain(second!.trackId);
    expect(both.seeds.flatMap(({ track }) => track.artists)).not.toContain(artist);
    expect(both.rejected.map(({ rule }) => rule)).toEqual(
      expect.arrayContaining(['artist-left-out', 'track-left-out']),
    );
    await rules(`artist-plays:${artist}`);
    const without = await edition('plays', again);
    expect(without.seeds.flatMap(({ track }) => track.artists)).not.toContain(artist);
    expect(without.rejected.map(({ rule }) => rule)).not.toContain('artist-left-out');
    await rules(`artist-songs:${artist}`);
    const unsung = await edition('songs', again);
    expect(unsung.seeds).toHaveLength(6);
    expect(unsung.items.flatMap(({ track }) => track.artists)).not.toContain(artist);
  });

  test('liked songs come when allowed, heard or not; what the input asks for goes before the rules', async () => {
    await plays(range(0, 6), 2);
    await plays(range(6, 19), 300);
    for (const song of [6, 7, 8, 19]) {
      await saveTracks(store.db, [songOf(song)]);
      const like = { listener_id: me, track_id: songOf(song).id, source: 'export' as const, liked_at: null };
      await store.db.insertInto('liked_track').values(like).execute();
    }
    const jazz = async (runKey: string, input = {}) =>
      (await edition(runKey, { length: 4, perArtist: 9, ...input })).items
        .map(({ track }) => track.title)
        .filter((title) => title.startsWith('Jazz'));
    expect(await jazz('not')).toEqual([]);
    await rules('allow-liked', 'not-again:0', 'per-artist:1');
    expect((await jazz('allowed')).sort()).toEqual(['Jazz 19', 'Jazz 6', 'Jazz 7', 'Jazz 8']);
    expect((await jazz('again')).sort()).toEqual(['Jazz 19', 'Jazz 6', 'Jazz 7', 'Jazz 8']);
    expect(await jazz('lately', { notAgainWeeks: 1 })).toEqual([]);
    expect((await edition('few', { notAgainWeeks: 0 })).settings).toMatchObject({ perArtist: 1, notAgainWeeks: 0 });
  });

  test('explicit songs stay out; those of which nobody knows are counted', async () => {
    await plays(range(0, 6), 2);
    const [first] = (await edition('before')).items;
    await store.db.updateTable('track').set({ explicit: true }).where('track_id', '=', first!.trackId).execute();
    await rules('no-explicit', 'not-again:0');
    const { items, rejected, settings } = await edition('after');
    expect(items.map(({ trackId }) => trackId)).not.toContain(first!.trackId);
    expect(rejected).toContainEqual(expect.objectContaining({ trackId: first!.trackId, rule: 'explicit' }));
    expect(settings).toMatchObject({ taste: { explicitUnknown: 6 } });
  });

  test('without plays: two lists, what goes and comes, and nothing stored', async () => {
    await plays(range(0, 6), 2);
    await plays(range(20, 28), 3, { platform: 'car' });
    const output = (await run('what if', { without: 'device:car' })) as { [name: string]: Json };
    expect(output).toMatchObject({
      stored: false,
      without: [{ id: 'device:car', plays: 8, unknown: 6, holds: false }],
      seeds: { before: 14, after: 6, come: [] },
      items: { before: 6, after: 6 },
    });
    for (const title of titles(output.go)) expect(title).toMatch(/^Techno/);
    for (const title of titles(output.come)) expect(title).toMatch(/^Jazz/);
    expect((output.go as Named).length).toBeGreaterThan(0);
    expect((output.stay as number) + titles(output.go).length).toBe(6);
    expect(await store.db.selectFrom('edition').selectAll().execute()).toEqual([]);
    // Whether the rule holds already makes no difference to what is compared.
    await rules('device:car');
    const held = (await run('held', { without: ['device:CAR'] })) as { [name: string]: Json };
    expect(held).toEqual({ ...output, without: [expect.objectContaining({ id: 'device:car', holds: true })] });
    expect((await edition('made')).seedsTotal).toBe(6);
  });

  test('plays that do not exist make nothing heard: their songs may come, unless another play knows them', async () => {
    await plays(range(0, 6), 2);
    await plays(range(6, 20), 3, { platform: 'car' });
    await plays([7], 400, { ms_played: 1000 });
    const { come } = (await run('heard', { without: 'device:car', perArtist: 9, length: 40 })) as { come: Json };
    const jazz = titles(come).filter((title) => title.startsWith('Jazz'));
    expect(jazz.sort()).toEqual(
      range(6, 20)
        .filter((song) => song !== 7)
        .map((song) => `Jazz ${song}`)
        .sort(),
    );
  });

  test('without: an artist may come although its plays are gone; rules of songs alone and nonsense are refused', async () => {
    await plays(range(0, 7), 2);
    const artist = songOf(0).artists[0]!;
    await rules(`artist:${artist}`);
    const { seeds, come } = (await run('a', { without: { rule: 'artist', name: artist } })) as unknown as {
      seeds: { go: Json };
      come: Json;
    };
    expect(titles(seeds.go)).toEqual(['Jazz 0']);
    // The rule that it must not be recommended goes on holding.
    expect((come as { artists: string[] }[]).flatMap(({ artists }) => artists)).not.toContain(artist);
    await expect(run('b', { without: 'per-artist:1' })).rejects.toThrow(code('bad-rule'));
    await expect(run('c', { without: 'winter' })).rejects.toThrow(code('bad-rule'));
    await expect(run('d', { without: [] })).rejects.toThrow(code('bad-input'));
    expect(await run('e', { without: 'private' })).toMatchObject({ without: [{ id: 'private', holds: true }] });
  });

  test('without all plays nothing is left to start from', async () => {
    await plays(range(0, 6), 2);
    const all = (await run('all', { without: 'period:2026' })) as { [name: string]: Json };
    expect(all).toMatchObject({ seeds: { before: 6, after: 0 }, items: { before: 6, after: 0 }, come: [], stay: 0 });
    await store.db.deleteFrom('play').execute();
    expect(await run('none', { without: 'december' })).toEqual({ skipped: expect.stringContaining('no plays') });
  });

  test('liked songs by an artist left out are no seeds', async () => {
    for (const song of range(0, 14)) {
      await saveTracks(store.db, [songOf(song)]);
      const like = { listener_id: me, track_id: songOf(song).id, source: 'export' as const, liked_at: null };
      await store.db.insertInto('liked_track').values(like).execute();
    }
    await rules('artist:Jazz artist 3');
    const { seeds } = await edition('liked');
    expect(seeds).toHaveLength(12);
    expect(seeds.flatMap(({ track }) => track.artists)).not.toContain('Jazz artist 3');
  });

  test('a preview: plays, seeds, and the songs of the last edition that would not have been there', async () => {
    await plays(range(0, 6), 2);
    await plays(range(20, 28), 3, { platform: 'car' });
    const deps = { store, recommenders: notKept(store), listenerId: me, timeZone: 'UTC' };
    const settings = { length: 6, days: 7, seeds: 'all' as const };
    const look = async (...texts: string[]) => {
      const before = await readOwnRules(store.db, me);
      await rules(...texts);
      const after = await readOwnRules(store.db, me);
      return await previewTaste(deps, before, after, settings, contextAt(clock, 'preview'));
    };
    expect(await look('device:car')).toMatchObject({
      plays: {
        total: 14,
        leftOutBefore: 0,
        leftOutAfter: 8,
        effects: [{ id: 'device:car', plays: 8, unknown: 6 }, {}],
      },
      seeds: { before: 14, after: 6, come: [] },
      edition: null,
    });
    await rules();
    const last = await edition('last');
    // What happened since that day must not matter: its songs were heard and liked.
    clock.advance(3 * 86_400_000);
    const played = last.items.map(({ trackId }) => trackId);
    for (const track_id of played) {
      const ended_at = new Date(NOW.getTime() + 86_400_000);
      await store.db
        .insertInto('play')
        .values({ listener_id: me, track_id, ended_at, source: 'api', polled_at: ended_at })
        .execute();
    }
    const { edition: seen } = await look('device:car');
    const techno = last.items.map(({ track }) => track.title).filter((title) => title.startsWith('Techno'));
    expect(seen).toMatchObject({ edition: last.editionId, items: 6, unsure: 0 });
    expect(titles(seen!.go)).toEqual(expect.arrayContaining(techno));
    expect(titles(seen!.come)).toHaveLength(seen!.go.length);
    expect(titles(seen!.come).join()).not.toMatch(/Techno/);

    await rules();
    const artist = last.items[0]!.track.artists[0]!;
    const songs = (await look(`artist-songs:${artist}`)).edition!;
    expect(titles(songs.go)).toEqual(
      last.items.filter(({ track }) => track.artists.includes(artist)).map(({ track }) => track.title),
    );
    expect(await countEffects(deps, [], NOW)).toEqual({ total: 14, leftOut: 0, effects: [] });
  });
});
