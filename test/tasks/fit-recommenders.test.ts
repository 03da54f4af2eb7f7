import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ManualClock } from '../../src/base/clock.ts';
import { findChampion, listBlends, saveBlend } from '../../src/store/blends.ts';
import { readEdition } from '../../src/store/editions.ts';
import { ensureListener } from '../../src/store/listeners.ts';
import { fitRecommenders } from '../../src/tasks/fit-recommenders.ts';
import { recommend } from '../../src/tasks/recommend.ts';
import { trainVectors } from '../../src/tasks/train-vectors.ts';
import { manyGenres } from '../recommend/many-genres.ts';
import { addPlays, contextAt, NOW } from '../recommend/taste-world.ts';
import { songOf } from '../recommend/tiny-world.ts';
import { describeEachStore, type TestStore } from '../store-fixture.ts';
import { addTrainingCorpus, recipesOf } from '../training-corpus.ts';

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
    const deps = { store, dataDir: store.dataDir, listenerId: me, timeZone: 'UTC', recipes: recipesOf(store.dataDir) };
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
    expect(output).toMatchObject({ cases: 24, editions: 0, verdict: { promoted: true, why: 'first' } });
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
