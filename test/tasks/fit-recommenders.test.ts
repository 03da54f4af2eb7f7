import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ManualClock } from '../../src/base/clock.ts';
import { findChampion, listBlends, saveBlend } from '../../src/store/blends.ts';
import { readEdition } from '../../src/store/editions.ts';
import { saveFeatures } from '../../src/store/features.ts';
import { ensureListener } from '../../src/store/listeners.ts';
import { saveTracks } from '../../src/store/tracks.ts';
import { fitRecommenders } from '../../src/tasks/fit-recommenders.ts';
import { keepRecommenders } from '../../src/tasks/kept-recommenders.ts';
import { recommend } from '../../src/tasks/recommend.ts';
import { trainVectors } from '../../src/tasks/train-vectors.ts';
import { songWith } from '../recommend/feature-worlds.ts';
import { manyGenres } from '../recommend/many-genres.ts';
import { addPlays, contextAt, NOW } from '../recommend/taste-world.ts';
import { songOf, trackOf } from '../recommend/tiny-world.ts';
import { describeEachStore, type TestStore } from '../store-fixture.ts';
import { addTrainingCorpus, notKept, recipesOf } from '../training-corpus.ts';

const SETTINGS = { dimensions: 16, epochs: 5, learningRate: 0.1 };

async function addPlaylists(store: TestStore, playlists: number, seconds: number): Promise<void> {
  const { tokens, offsets } = manyGenres(playlists, 6).corpus;
  const lists = Array.from({ length: playlists }, (_, at) =>
    Array.from(tokens.subarray(offsets[at], offsets[at + 1]), songOf),
  );
  await addTrainingCorpus(store, lists, new Date(NOW.getTime() + 1000 * seconds));
}

describeEachStore('fit-recommenders', (openStore) => {
  let store: TestStore;
  let me: number;
  const clock = new ManualClock(NOW);
  const refit = () =>
    fitRecommenders({ store, dataDir: store.dataDir, listenerId: me, trainOnApiContent: false }).run(
      { threads: 1 },
      contextAt(clock, 'fit'),
    );
  const train = (more: object = {}) =>
    trainVectors({ store, dataDir: store.dataDir }).run({ ...SETTINGS, ...more }, contextAt(clock, 'train'));
  const compose = async (runKey: string) => {
    const deps = {
      store,
      recommenders: notKept(store),
      listenerId: me,
      timeZone: 'UTC',
      recipes: recipesOf(store.dataDir),
    };
    const output = await recommend(deps).run({ length: 6 }, contextAt(clock, runKey));
    return (await readEdition(store.db, (output as { edition: number }).edition))!;
  };

  beforeAll(async () => {
    store = await openStore();
    me = await ensureListener(store.db, 'me');
    await addPlaylists(store, 240, 0);
    await train();
    await addPlays(store, me, [0, 1, 2, 3, 4, 5], 1);
  });
  afterAll(async () => {
    await store.close();
  });

  test('the first blend is the champion, and recommends with the playlists and seeds behind each song', async () => {
    const output = await refit();
    expect(output).toMatchObject({ cases: 24, weeks: 0, editions: 0, verdict: { promoted: true, why: 'first' } });
    const { ndcg } = output as unknown as { ndcg: { [name: string]: { mean: number } } };
    expect(ndcg.blend!.mean).toBeGreaterThan(1.5 * ndcg.popular!.mean);
    const champion = (await findChampion(store.db))!;
    const edition = await compose('first');
    expect(edition.blendId).toBe(champion.blendId);
    expect(edition.items).toHaveLength(6);
    for (const { recommender, facts, trackId } of edition.items) {
      const { shares, evidence, features } = facts as {
        shares: { [member: string]: number };
        features: { [name: string]: number };
        evidence: { shared: number; seeds: { track: string }[] };
      };
      expect(shares[recommender]).toBe(Math.max(...Object.values(shares)));
      expect(evidence.shared).toBeGreaterThan(0);
      expect(evidence.seeds.map(({ track }) => track)).not.toContain(trackId);
      expect(Object.keys(features).sort()).toEqual(Object.keys(champion.weights).sort());
    }
  });

  test('the same again is skipped; where its files are gone it is made again, to the same weights', async () => {
    const before = (await findChampion(store.db))!;
    expect(await refit()).toEqual({ skipped: expect.stringContaining(before.fingerprint) });
    await rm(join(store.dataDir, before.path), { recursive: true });
    clock.advance(1000);
    expect(await refit()).toMatchObject({ blend: before.fingerprint });
    expect((await findChampion(store.db))!.weights).toEqual(before.weights);
  });

  test('songs of no playlist are reached by their artist, or by how they sound', async () => {
    const cold = [trackOf('Never heard', 'Techno artist 0'), trackOf('Nor this', 'Nobody')];
    await saveTracks(store.db, cold);
    const heard = [0, 1, 2, 3, 4, 5].map(songOf);
    const sound = (at: number) => ({ ...songWith({ energy: 0.2 + at / 100, tempo: 80 + at }), timeSignature: 4 });
    await saveFeatures(
      store.db,
      'file',
      [...heard, ...cold].map(({ id }, at) => ({ trackId: id, ...sound(at) })),
    );
    const ask = () =>
      notKept(store).use(new AbortController().signal, async ({ vectors: { catalogue }, recommender }) => {
        const seeds = heard.map(({ id }) => ({ row: catalogue.rowOfId(id), weight: 1 }));
        const { rows, places } = await recommender.candidates({ seeds }, 1000);
        const coldRows = cold.map(({ id }) => catalogue.rowOfId(id));
        expect(coldRows.toSorted()).toEqual([catalogue.size - 2, catalogue.size - 1]);
        return (member: string) => coldRows.map((row) => places![member]![rows.indexOf(row)]);
      });
    // The blend was made before there were features; what it knows by now it asks all the same.
    const before = await ask();
    expect(before('artists')).toEqual([expect.any(Number), 0]);
    expect(before('artists')[0]).toBeGreaterThan(0);
    expect(before('audio-features').toSorted()).toEqual([1, 2]);

    clock.advance(1000);
    expect(await refit()).toMatchObject({ cases: 24 });
    const after = await ask();
    expect(after('audio-features').toSorted()).toEqual([1, 2]);
  });

  test('recommenders stay open for the next question, until others are the champion', async () => {
    const recommenders = keepRecommenders({ store, dataDir: store.dataDir });
    const { signal } = new AbortController();
    const asked = () => recommenders.use(signal, async (opened) => opened);
    const [first, second] = await Promise.all([asked(), asked()]);
    expect(second).toBe(first);
    await saveFeatures(store.db, 'another', [{ trackId: songOf(0).id, ...songWith({ energy: 1 }), timeSignature: 4 }]);
    const third = await asked();
    expect(third).not.toBe(first);
    await expect(
      recommenders.use(signal, async () => {
        throw new Error('of the one who asked');
      }),
    ).rejects.toThrow('of the one who asked');
    expect(await asked()).toBe(third);
    await expect(recommenders.use(AbortSignal.abort(new Error('stopped')), async () => {})).rejects.toThrow('stopped');
    await recommenders.close();
    expect(await asked()).not.toBe(third);
    await recommenders.close();
  });

  test('a corpus that has grown keeps its lessons; a blend that is worse beyond doubt is not promoted', async () => {
    const before = (await findChampion(store.db))!;
    clock.advance(10_000);
    await addPlaylists(store, 260, 10);
    await train();
    const grown = (await refit()) as { verdict: { difference: { cases: number } } };
    expect(grown).toMatchObject({ verdict: { promoted: true, against: before.fingerprint } });
    expect(grown.verdict.difference.cases).toBeGreaterThan(12);

    // A champion that found everything: nothing can be as good.
    const champion = (await findChampion(store.db))!;
    const perfect = Object.fromEntries(Object.keys(champion.lessons).map((key) => [key, 1]));
    await saveBlend(store.db, { ...champion, lessons: perfect });
    clock.advance(10_000);
    await train({ seed: 7 });
    expect(await refit()).toMatchObject({ verdict: { promoted: false, why: 'worse', against: champion.fingerprint } });
    expect((await findChampion(store.db))!.fingerprint).toBe(champion.fingerprint);
    expect((await listBlends(store.db))[0]).toMatchObject({ promotedAt: null });
  });

  test("the champion's files stay, however many newer models there are", async () => {
    const champion = (await findChampion(store.db))!;
    for (const seed of [11, 12, 13]) {
      clock.advance(1000);
      await train({ seed });
      await refit();
    }
    for (const path of [champion.path, champion.modelPath]) {
      expect(existsSync(join(store.dataDir, path, 'manifest.json'))).toBe(true);
    }
    expect((await compose('later')).blendId).toBe(champion.blendId);
  });
});
