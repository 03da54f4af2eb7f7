import { existsSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { ManualClock } from '../../src/base/clock.ts';
import { silentLog } from '../../src/base/log.ts';
import { noProgress } from '../../src/base/progress.ts';
import { seededRandom } from '../../src/base/random.ts';
import type { TaskContext } from '../../src/base/task.ts';
import { similarityOf } from '../../src/recommend/nearest-seed.ts';
import { readEdition } from '../../src/store/editions.ts';
import { ensureListener } from '../../src/store/listeners.ts';
import { latestModel, listModels } from '../../src/store/models.ts';
import { saveTracks } from '../../src/store/tracks.ts';
import { openSongVectors } from '../../src/tasks/open-song-vectors.ts';
import { recommend } from '../../src/tasks/recommend.ts';
import { trainVectors } from '../../src/tasks/train-vectors.ts';
import { openModel } from '../../src/vectors/model-file.ts';
import { describeEachStore, type TestStore } from '../store-fixture.ts';
import { addTrainingCorpus, notKept, recipesOf } from '../training-corpus.ts';
import { twoGenres } from '../vectors/two-genres.ts';
import { idOf, songOf, trackOf } from './tiny-world.ts';

const NOW = new Date('2026-11-22T12:00:00Z');
const SETTINGS = { dimensions: 16, epochs: 5, learningRate: 0.1 };
const DAY = 86_400_000;
const code = (wanted: string) => expect.objectContaining({ code: wanted });

describeEachStore('train-vectors and recommend', (openStore) => {
  let store: TestStore;
  let listenerId: number;
  const clock = new ManualClock(NOW);

  const context = (runKey: string, signal = new AbortController().signal): TaskContext => ({
    runKey,
    attempt: 1,
    signal,
    log: silentLog,
    progress: noProgress,
    clock,
    random: seededRandom(1),
  });
  const train = (input: Parameters<ReturnType<typeof trainVectors>['run']>[0] = SETTINGS) =>
    trainVectors({ store, dataDir: store.dataDir }).run(input, context('train'));
  const compose = (runKey: string, input: Parameters<ReturnType<typeof recommend>['run']>[0] = null) =>
    recommend({
      store,
      recommenders: notKept(store),
      listenerId,
      timeZone: 'UTC',
      recipes: recipesOf(store.dataDir),
    }).run(input, context(runKey));
  const edition = async (output: unknown) => (await readEdition(store.db, (output as { edition: number }).edition))!;

  async function addCorpus(playlists: number): Promise<void> {
    const { tokens, offsets } = twoGenres(playlists);
    const lists = Array.from({ length: playlists }, (_, at) =>
      Array.from(tokens.subarray(offsets[at], offsets[at + 1]), songOf),
    );
    await addTrainingCorpus(store, lists, new Date(NOW.getTime() + playlists));
  }

  async function addPlays(plays: readonly [track: ReturnType<typeof songOf>, daysAgo: number, more?: object][]) {
    await saveTracks(
      store.db,
      plays.map(([track]) => track),
    );
    for (const [{ id }, daysAgo, more] of plays) {
      const ended_at = new Date(NOW.getTime() - daysAgo * 86_400_000);
      const row = { listener_id: listenerId, track_id: id, ended_at, source: 'api' as const, polled_at: ended_at };
      await store.db
        .insertInto('play')
        .values({ ...row, ...more })
        .execute();
    }
  }

  beforeAll(async () => {
    store = await openStore();
  });
  afterAll(() => store.close());
  beforeEach(async () => {
    clock.set(NOW);
    listenerId = await ensureListener(store.db, 'me');
    for (const table of ['edition', 'play', 'liked_track', 'top_item'] as const)
      await store.db.deleteFrom(table).execute();
  });

  test('first of all, each says what is missing', async () => {
    await expect(train()).rejects.toThrow(code('no-corpus'));
    await expect(compose('none')).rejects.toThrow(code('no-model'));
  });

  test('train-vectors writes a model once for each corpus and settings', async () => {
    await addCorpus(200);
    const output = await train();
    expect(output).toMatchObject({ vocabulary: 40, dimensions: 16, tokens: 1600, playlists: 200, algorithm: 'cbow' });
    const { stored, model, catalogue } = await openSongVectors(store, store.dataDir);
    expect(stored).toMatchObject({ vocabulary: 40, dimensions: 16, path: `models/${stored.fingerprint}` });
    expect(model.input).toHaveLength(40 * 16);
    expect(catalogue.track(catalogue.rowOfId(songOf(7).id))).toEqual(songOf(7));

    expect(await train()).toEqual({ skipped: expect.stringContaining(stored.fingerprint) });
    const other = (await train({ ...SETTINGS, seed: 2 })) as { model: string };
    expect(other.model).not.toBe(stored.fingerprint);
    clock.advance(1000);
    await train();
    expect((await latestModel(store.db))!.fingerprint).toBe(stored.fingerprint);
    expect(await listModels(store.db)).toHaveLength(2);
  });

  test('of many models the two newest keep their files', async () => {
    clock.advance(1000);
    for (const seed of [11, 12, 13]) {
      clock.advance(100);
      await train({ ...SETTINGS, seed });
    }
    const models = await listModels(store.db);
    const kept = models.map(({ path }) => existsSync(join(store.dataDir, path, 'manifest.json')));
    expect(kept.slice(0, 4)).toEqual([true, true, false, false]);
    clock.advance(100);
    await train();
  });

  test('a model whose files are gone is trained again, to the same bits', async () => {
    const { stored, model } = await openSongVectors(store, store.dataDir);
    await rm(join(store.dataDir, stored.path), { recursive: true });
    clock.advance(2000);
    expect(await train()).toMatchObject({ model: stored.fingerprint });
    expect((await openSongVectors(store, store.dataDir)).model).toEqual(model);
  });

  test('a catalogue that does not fit its model is refused', async () => {
    const { stored } = await openSongVectors(store, store.dataDir);
    const path = join(store.dataDir, stored.path, 'titles.utf8');
    const text = await readFile(path, 'utf8');
    await writeFile(path, text.slice(0, -10));
    await expect(openSongVectors(store, store.dataDir)).rejects.toThrow(code('model-damaged'));
    await writeFile(path, text);
  });

  test('held-out playlists judge the settings when asked', async () => {
    await addCorpus(300);
    const output = (await train({ ...SETTINGS, evaluate: true })) as { heldOut: Record<string, number> };
    // Playlists of eight are too short to be judged by: nothing is made up.
    expect(output.heldOut).toMatchObject({ cases: 0, share: 0.1 });
  });

  test('settings that cannot be used stop before anything is done', async () => {
    await expect(train({ epochs: 0 })).rejects.toThrow(code('bad-settings'));
    await expect(train({ evaluate: 'yes' })).rejects.toThrow(code('bad-settings'));
    await expect(compose('bad', { length: 0 })).rejects.toThrow(code('bad-input'));
  });

  test('an edition: unheard songs of the genre played, each with seed, similarity and a true sentence', async () => {
    const unknown = trackOf('Unknown', 'Nobody');
    const remaster = { ...songOf(5), id: idOf('remaster5'), title: `${songOf(5).title} - Remastered 2011` };
    await addPlays([
      [songOf(0), 1],
      [songOf(0), 2],
      [songOf(1), 3],
      [songOf(2), 3],
      [songOf(3), 4],
      [remaster, 2],
      [unknown, 1],
      [songOf(9), 400],
    ]);
    const output = await compose('week-47', { length: 6 });
    expect(output).toMatchObject({ items: 6, seedsFound: 5, seedsTotal: 6, from: 'plays of the last 7 days' });
    expect(output).toMatchObject({ found: 'found 5 of 6 (4 by id, 1 by title and artist)' });

    const { items, seeds, rejected, status } = await edition(output);
    expect(status).toBe('draft');
    const heard = [0, 1, 2, 3, 5, 9].map((token) => songOf(token).id);
    for (const item of items) {
      expect(item.track.title).toMatch(/^Jazz/);
      expect(heard).not.toContain(item.trackId);
      expect(item.seed!.title).toMatch(/^Jazz/);
      expect(item.reason).toContain(`you played ${item.seed!.title} by ${item.seed!.artists[0]} `);
      expect(item.reason).toContain(item.similarity!.toFixed(2).replace('0.', '.'));
    }
    for (const songs of Map.groupBy(items, (item) => item.track.artists[0]).values())
      expect(songs.length).toBeLessThan(3);
    expect(seeds.find(({ trackId }) => trackId === unknown.id)).toMatchObject({ matchedBy: null });
    expect(seeds.find(({ trackId }) => trackId === remaster.id)).toMatchObject({ matchedBy: 'name' });
    expect(seeds[0]).toMatchObject({ trackId: songOf(0).id, plays: 2, matchedBy: 'id' });
    expect(rejected.find(({ trackId }) => trackId === songOf(9).id)?.rule ?? 'heard').toBe('heard');
  });

  test('two nearest: of each song played its two nearest unheard ones, and no more', async () => {
    const played = [0, 1, 2, 3, 20];
    await addPlays(played.map((token, at) => [songOf(token), 1 + at / 100]));
    const input = { recipe: 'two-nearest', length: 12, perArtist: 12, order: 'score' };
    const { items } = await edition(await compose('nearest', input));
    const { model, catalogue } = await openSongVectors(store, store.dataDir);
    const heard = new Set(played.map((token) => catalogue.rowOfId(songOf(token).id)));
    const vectors = { values: model.input, dimensions: model.dimensions };
    const nearestTo = (token: number) =>
      Array.from({ length: catalogue.size }, (_, row) => row)
        .filter((row) => !heard.has(row))
        .map((row) => ({ row, near: similarityOf(vectors, row, catalogue.rowOfId(songOf(token).id))! }))
        .sort((a, b) => b.near - a.near)
        .map(({ row }) => catalogue.id(row));
    const two = new Set(played.flatMap((token) => nearestTo(token).slice(0, 2)));
    expect(items.map(({ trackId }) => trackId).sort()).toEqual([...two].sort());
    expect(items[0]!.trackId).toBe(nearestTo(0)[0]);
    for (const { recommender, facts } of items) {
      expect(recommender).toBe('nearest');
      expect([1, 2]).toContain((facts as { round: number }).round);
    }
  });

  test('the same run key is the same edition; the next brings other songs', async () => {
    await addPlays([0, 1, 2, 3, 20].map((token) => [songOf(token), 1 + token / 100]));
    const first = await compose('a', { length: 5 });
    clock.advance(3_600_000);
    await addPlays([[songOf(25), 0]]);
    expect(await compose('a', { length: 5 })).toEqual(first);
    const next = await edition(await compose('b', { length: 5 }));
    const before = (await edition(first)).items.map(({ trackId }) => trackId);
    for (const { trackId } of next.items) expect(before).not.toContain(trackId);
    expect(next.rejected.some(({ rule }) => rule === 'recommended-lately')).toBe(true);
  });

  test('few plays: longer periods, then all of history, then liked and top songs', async () => {
    await addPlays([0, 1, 2].map((token) => [songOf(token), 3]));
    await addPlays([3, 4].map((token) => [songOf(token), 60]));
    expect(await compose('season', { length: 3 })).toMatchObject({ from: 'plays of the last 90 days', seedsTotal: 5 });

    await store.db.deleteFrom('play').execute();
    await addPlays([[songOf(0), 2000]]);
    const like = { listener_id: listenerId, track_id: songOf(1).id, source: 'api' as const };
    await store.db
      .insertInto('liked_track')
      .values({ ...like, liked_at: null })
      .execute();
    const top = { listener_id: listenerId, kind: 'track' as const, track_id: songOf(2).id, synced_at: NOW };
    await store.db
      .insertInto('top_item')
      .values({ ...top, time_range: 'short_term', rank: 1 })
      .execute();
    const output = await compose('favourites', { length: 12 });
    expect(output).toMatchObject({ from: 'all plays and liked songs and top songs', seedsTotal: 3, seedsFound: 3 });
    const { items } = await edition(output);
    expect(items.map(({ trackId }) => trackId)).not.toContain(songOf(1).id);
    expect(items.map(({ reason }) => reason).join()).toMatch(
      /you liked Jazz 1 by|Jazz 2 by Jazz artist 2 is among your top/,
    );
  });

  test('seeds of the export only, when asked; private sessions never', async () => {
    await addPlays([20, 21, 22, 23, 24].map((token) => [songOf(token), 1]));
    await addPlays([0, 1, 2, 3, 4].map((token) => [songOf(token), 1, { source: 'export', polled_at: null }]));
    await addPlays(
      [10, 11].map((token) => [songOf(token), 1, { source: 'export', polled_at: null, private_session: true }]),
    );
    const { seeds } = await edition(await compose('export', { length: 2, seeds: 'export' }));
    expect(seeds.map(({ trackId }) => trackId).sort()).toEqual([0, 1, 2, 3, 4].map((token) => songOf(token).id).sort());
  });

  test('nothing to start from is skipped; nothing known, or nothing left, says what to do', async () => {
    expect(await compose('empty')).toEqual({ skipped: expect.stringContaining('import-history') });
    await addPlays([[trackOf('Unknown', 'Nobody'), 1]]);
    await expect(compose('unknown')).rejects.toThrow(code('no-seed-known'));
    await addPlays(Array.from({ length: 40 }, (_, token) => [songOf(token), 2]));
    await expect(compose('all heard')).rejects.toThrow(code('nothing-to-recommend'));
    await expect(
      compose('no such year', { recipe: 'loved-in-year', parameters: { year: 2011 } }),
    ).rejects.toMatchObject({
      code: 'nothing-to-recommend',
      why: 'You played no song 5 times in 2011.',
      hint: expect.stringContaining('segue recipes show loved-in-year'),
    });
  });

  test('a training that is stopped keeps what it learned and goes on to the same bits, by itself or when told to', async () => {
    const settings = { ...SETTINGS, epochs: 40, seed: 77 };
    const stopAtOnce = async () => {
      const abort = new AbortController();
      const log = { ...silentLog, debug: () => abort.abort(new Error('Ctrl-C')) };
      const training = trainVectors({ store, dataDir: store.dataDir });
      await expect(training.run(settings, { ...context('stopped', abort.signal), log })).rejects.toThrow('Ctrl-C');
    };
    const trained = async (input: object, expected: object) => {
      clock.advance(DAY);
      const output = (await train({ ...input })) as { model: string };
      expect(output).toMatchObject(expected);
      const folder = join(store.dataDir, 'models', output.model);
      return { fingerprint: output.model, folder, model: (await openModel(folder)).model };
    };
    await addCorpus(5000);
    await expect(train({ resume: true })).rejects.toThrow(code('nothing-to-resume'));
    await stopAtOnce();
    await expect(train({ resume: true, epochs: 3 })).rejects.toThrow(code('bad-settings'));
    const resumed = await trained({ resume: true }, { epochs: 40, goneOn: true, repeatable: true });
    await expect(train({ resume: true })).rejects.toThrow(code('nothing-to-resume'));

    await rm(resumed.folder, { recursive: true });
    await stopAtOnce();
    const again = await trained(settings, { model: resumed.fingerprint, goneOn: true });
    expect(again.model).toEqual(resumed.model);
    await rm(resumed.folder, { recursive: true });
    const whole = await trained(settings, { model: resumed.fingerprint, goneOn: false });
    expect(whole.model).toEqual(resumed.model);

    await rm(resumed.folder, { recursive: true });
    await stopAtOnce();
    const manifest = join(store.dataDir, 'models', 'unfinished', 'manifest.json');
    const text = await readFile(manifest, 'utf8');
    await writeFile(manifest, text.replace('"seed": 77', '"seed": 77, "settingOfAnotherVersion": 1'));
    await expect(train({ resume: true })).rejects.toThrow(code('nothing-to-resume'));
    await writeFile(manifest, text);
    await addCorpus(5001);
    await expect(train({ resume: true })).rejects.toThrow(code('nothing-to-resume'));
  });

  test('begins with the vectors of another model when told to', async () => {
    clock.advance(10 * DAY);
    const first = (await train({ ...SETTINGS, seed: 5 })) as { model: string };
    clock.advance(DAY);
    const gentle = { fromModel: true, epochs: 1, learningRate: 0.000001, minLearningRate: 0 };
    expect(await train(gentle)).toMatchObject({ startsFrom: first.model, dimensions: 16 });
    const { stored, model, catalogue } = await openSongVectors(store, store.dataDir);
    expect(stored.fingerprint).not.toBe(first.model);
    const before = await openModel(join(store.dataDir, `models/${first.model}`));
    for (const [i, value] of model.input.entries()) expect(value).toBeCloseTo(before.model.input[i]!, 2);
    expect(catalogue.size).toBe(40);
    await expect(train({ fromModel: 'no such model' })).rejects.toThrow(code('model-unknown'));
    await expect(train({ fromModel: first.model, dimensions: 20 })).rejects.toThrow(code('bad-settings'));
  });

  test('many threads say that they cannot be repeated', async () => {
    expect(await train({ ...SETTINGS, seed: 6, threads: 2 })).toMatchObject({ threads: 2, repeatable: false });
  });
});
