import { expect, it } from 'vitest';
import { latestCorpus, listCorpusParts, saveCorpus } from '../../src/store/corpora.ts';
import { listEditionHeads } from '../../src/store/edition-heads.ts';
import { type NewEdition, readEdition, recentlyRecommended, saveEdition } from '../../src/store/editions.ts';
import { findFeatures, saveFeatureMisses, saveFeatures, tracksWithoutFeatures } from '../../src/store/features.ts';
import { ensureListener } from '../../src/store/listeners.ts';
import { findModel, latestModel, saveModel } from '../../src/store/models.ts';
import { saveTracks } from '../../src/store/tracks.ts';
import { describeEachStore, type TestStore } from '../store-fixture.ts';

const NOON = new Date('2026-11-22T12:00:00Z');
const LATER = new Date('2026-11-23T12:00:00Z');
const [A, B, C] = ['a', 'b', 'c'].map((letter) => letter.repeat(22)) as [string, string, string];

async function withTracks(store: TestStore): Promise<number> {
  await saveTracks(
    store.db,
    [A, B, C].map((id) => ({ id, title: `Song ${id[0]}`, artists: ['Artist'] })),
  );
  return await ensureListener(store.db, 'me');
}

const edition = (listenerId: number): NewEdition => ({
  listenerId,
  runKey: 'run-1',
  recipe: 'weekly',
  title: 'Segue Weekly',
  modelId: null,
  blendId: null,
  settings: { length: 2 },
  createdAt: NOON,
  seeds: [
    { trackId: A, weight: 2.5, plays: 3, lastPlayedAt: NOON, matchedBy: 'id' },
    { trackId: B, weight: 1, plays: 1, lastPlayedAt: NOON, matchedBy: null },
  ],
  items: [
    {
      trackId: C,
      recommender: 'song-vectors',
      seedTrackId: A,
      similarity: 0.75,
      score: 0.5,
      reason: 'Close to Song a.',
      facts: { playlists: [1, 2] },
    },
  ],
  rejected: [{ trackId: B, score: 0.25, rule: 'already-heard' }],
});

describeEachStore('editions', (open) => {
  it('are read back as they were saved, with titles', async () => {
    await using store = await open();
    const me = await withTracks(store);
    const id = await saveEdition(store.db, edition(me));
    const { seeds, items, rejected, ...head } = (await readEdition(store.db, id))!;
    const { seeds: _seeds, items: _items, rejected: _rejected, ...saved } = edition(me);
    expect(head).toEqual({ ...saved, editionId: id, status: 'draft', seedsTotal: 2, seedsFound: 1 });
    expect(seeds.map(({ track, ...seed }) => [seed, track.title])).toEqual([
      [edition(me).seeds[0], 'Song a'],
      [edition(me).seeds[1], 'Song b'],
    ]);
    expect(items).toEqual([
      {
        ...edition(me).items[0],
        position: 0,
        track: expect.objectContaining({ title: 'Song c', artists: ['Artist'] }),
        seed: expect.objectContaining({ title: 'Song a' }),
      },
    ]);
    expect(rejected).toEqual([{ ...edition(me).rejected[0], track: expect.objectContaining({ title: 'Song b' }) }]);
    expect(await readEdition(store.db, id + 1)).toBeUndefined();
  });

  it('are one for each run: repeating it replaces the draft and leaves what is published', async () => {
    await using store = await open();
    const me = await withTracks(store);
    await saveEdition(store.db, edition(me));
    const second = await saveEdition(store.db, { ...edition(me), title: 'Again' });
    expect((await listEditionHeads(store.db, me, { limit: 9 })).map(({ title }) => title)).toEqual(['Again']);
    await store.db.updateTable('edition').set({ status: 'published' }).execute();
    expect(await saveEdition(store.db, { ...edition(me), title: 'Too late' })).toBe(second);
    expect((await listEditionHeads(store.db, me, { limit: 9 })).map(({ title }) => title)).toEqual(['Again']);
  });

  it('tell what was recommended lately, this run apart', async () => {
    await using store = await open();
    const me = await withTracks(store);
    await saveEdition(store.db, edition(me));
    expect(await recentlyRecommended(store.db, me, NOON)).toEqual([
      { trackId: C, recordingKey: 'artist|song c', isrc: null, lastRecommendedAt: NOON },
    ]);
    expect(await recentlyRecommended(store.db, me, NOON, 'run-1')).toEqual([]);
    expect(await recentlyRecommended(store.db, me, LATER)).toEqual([]);
  });
});

describeEachStore('corpora, models and features', (open) => {
  const corpus = {
    kind: 'training' as const,
    name: 'default',
    format: 'segue',
    fingerprint: 'f1',
    path: 'corpora/default-f1',
    playlists: 10,
    tokens: 100,
    tracks: 50,
    manifest: { parts: [1] },
    createdAt: NOON,
  };
  const part = {
    name: 'demo',
    format: 'csv',
    sourceCorpusId: null,
    playlists: 10,
    tokens: 100,
    tracks: 50,
    playsCovered: 0.5,
  };

  it('keep a corpus once for each content, with its parts', async () => {
    await using store = await open();
    const id = await saveCorpus(store.db, corpus, [part, { ...part, name: 'own', tokens: 200, playsCovered: null }]);
    expect(await saveCorpus(store.db, corpus, [part])).toBe(id);
    expect(await listCorpusParts(store.db, id)).toEqual([part]);
    const newer = await saveCorpus(store.db, { ...corpus, fingerprint: 'f2', createdAt: LATER });
    expect(await latestCorpus(store.db, 'training', 'default')).toEqual({
      ...corpus,
      fingerprint: 'f2',
      createdAt: LATER,
      corpusId: newer,
    });
    expect(await latestCorpus(store.db, 'source')).toBeUndefined();
  });

  it('keep a model once for each fingerprint, the newest first', async () => {
    await using store = await open();
    const corpusId = await saveCorpus(store.db, corpus);
    const model = {
      corpusId,
      algorithm: 'skip-gram' as const,
      fingerprint: 'm1',
      path: 'models/m1',
      vocabulary: 50,
      dimensions: 64,
      settings: { window: 5 },
      metrics: [] as number[],
      createdAt: NOON,
    };
    const id = await saveModel(store.db, model);
    expect(await saveModel(store.db, { ...model, metrics: [0.25] })).toBe(id);
    await saveModel(store.db, { ...model, fingerprint: 'm0', createdAt: new Date(0) });
    expect(await latestModel(store.db)).toEqual({ ...model, metrics: [0.25], modelId: id });
    expect(await findModel(store.db, 'm2')).toBeUndefined();
  });

  it('keep features by source, and what a source did not know', async () => {
    await using store = await open();
    const me = await withTracks(store);
    const none = { key: null, loudness: null, mode: null, speechiness: null, acousticness: null };
    const more = { instrumentalness: null, liveness: null, valence: null, tempo: 120.5, timeSignature: 4 };
    const row = (trackId: string, energy: number) => ({ trackId, danceability: 0.5, energy, ...none, ...more });
    expect(await saveFeatures(store.db, 'tidytuesday', [row(A, 0.25), row(A, 0.75)])).toBe(1);
    expect(await saveFeatures(store.db, 'tidytuesday', [row(A, 0.5), row(B, 0.5)])).toBe(1);
    const { trackId: _, ...features } = row(A, 0.5);
    expect((await findFeatures(store.db, [A, C])).get(A)).toEqual(features);
    expect(await tracksWithoutFeatures(store.db, me, 'reccobeats', LATER, 10)).toEqual([C]);
    await saveFeatureMisses(store.db, 'reccobeats', [C], NOON);
    expect(await tracksWithoutFeatures(store.db, me, 'reccobeats', NOON, 10)).toEqual([]);
    expect(await tracksWithoutFeatures(store.db, me, 'reccobeats', LATER, 10)).toEqual([C]);
  });
});
