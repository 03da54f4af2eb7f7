import { expect, it } from 'vitest';
import { type Blend, findBlend, findChampion, listBlends, promoteBlend, saveBlend } from '../../src/store/blends.ts';
import { saveModel } from '../../src/store/models.ts';
import { describeEachStore, type TestStore } from '../store-fixture.ts';

const at = (hour: number) => new Date(Date.UTC(2026, 10, 22, hour));

async function withModel({ db }: TestStore): Promise<number> {
  return await saveModel(db, {
    corpusId: null,
    algorithm: 'imported',
    fingerprint: 'model-1',
    path: 'models/model-1',
    vocabulary: 10,
    dimensions: 8,
    settings: {},
    metrics: {},
    createdAt: at(1),
  });
}

const blend = (modelId: number, fingerprint: string, more: Partial<Blend> = {}): Blend => ({
  modelId,
  corpusId: null,
  fingerprint,
  path: `blends/${fingerprint}`,
  weights: { 'popular: score': 0.25, artist: -1 },
  metrics: { cases: 2 },
  lessons: { '17': 0.5, '4294967295': 0 },
  verdict: { promoted: true },
  promotedAt: at(2),
  createdAt: at(2),
  ...more,
});

describeEachStore('blends', (open) => {
  it('are read back as they were saved; the same one again is replaced', async () => {
    await using store = await open();
    const { db } = store;
    const model = await withModel(store);
    expect(await findChampion(db)).toBeUndefined();
    const id = await saveBlend(db, blend(model, 'one', { metrics: { cases: 1 } }));
    expect(await saveBlend(db, blend(model, 'one'))).toBe(id);
    expect(await findBlend(db, 'one')).toEqual({
      ...blend(model, 'one'),
      blendId: id,
      modelFingerprint: 'model-1',
      modelPath: 'models/model-1',
      algorithm: 'imported',
      vocabulary: 10,
      dimensions: 8,
      playlists: null,
    });
    expect(await findBlend(db, 'two')).toBeUndefined();
  });

  it('the champion is the one promoted last', async () => {
    await using store = await open();
    const { db } = store;
    const model = await withModel(store);
    const first = await saveBlend(db, blend(model, 'first'));
    await saveBlend(db, blend(model, 'worse', { promotedAt: null, createdAt: at(5) }));
    expect((await findChampion(db))!.fingerprint).toBe('first');
    await saveBlend(db, blend(model, 'second', { promotedAt: at(6), createdAt: at(6) }));
    expect((await findChampion(db))!.fingerprint).toBe('second');
    await promoteBlend(db, first, at(7), { promoted: true, why: 'by-hand' });
    expect(await findChampion(db)).toMatchObject({
      fingerprint: 'first',
      promotedAt: at(7),
      verdict: { why: 'by-hand' },
    });
    expect((await listBlends(db)).map(({ fingerprint }) => fingerprint)).toEqual(['second', 'worse', 'first']);
  });
});
