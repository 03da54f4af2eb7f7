import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ManualClock } from '../../src/base/clock.ts';
import { silentLog } from '../../src/base/log.ts';
import { noProgress } from '../../src/base/progress.ts';
import { seededRandom } from '../../src/base/random.ts';
import type { TaskContext } from '../../src/base/task.ts';
import { exportVectors } from '../../src/recommend/export-vectors.ts';
import { openVectorRecommender } from '../../src/recommend/recommenders/song-vectors.ts';
import { latestModel } from '../../src/store/models.ts';
import { saveTracks } from '../../src/store/tracks.ts';
import { importVectors } from '../../src/tasks/import-vectors.ts';
import { openSongVectors } from '../../src/tasks/open-song-vectors.ts';
import { trainVectors } from '../../src/tasks/train-vectors.ts';
import { idOf, songOf, tinyWorld, trackOf } from '../recommend/tiny-world.ts';
import { describeEachStore, type TestStore } from '../store-fixture.ts';
import { addTrainingCorpus } from '../training-corpus.ts';

const NOW = new Date('2026-11-22T12:00:00Z');

describeEachStore('import-vectors', (openStore) => {
  let store: TestStore;
  const clock = new ManualClock(NOW);
  const context: TaskContext = {
    runKey: 'import',
    attempt: 1,
    signal: new AbortController().signal,
    log: silentLog,
    progress: noProgress,
    clock,
    random: seededRandom(1),
  };

  // biome-ignore lint/suspicious/noExplicitAny: each test knows what it asked for
  async function run(input: Record<string, string | number>): Promise<any> {
    clock.advance(1000);
    return await importVectors({ store, dataDir: store.dataDir }).run(input, context);
  }

  let files = 0;
  async function file(...lines: string[]): Promise<string> {
    const path = join(store.dataDir, `vectors-${files++}.txt`);
    await writeFile(path, `${lines.join('\n')}\n`);
    return path;
  }

  const open = () => openSongVectors(store, store.dataDir);

  /** A training corpus with the songs of the tiny world. */
  async function addCorpus(): Promise<void> {
    await addTrainingCorpus(
      store,
      Array.from({ length: 40 }, (_, at) => [songOf(at), songOf((at + 1) % 40)]),
    );
  }

  beforeAll(async () => {
    store = await openStore();
  });
  afterAll(() => store.close());

  test('ids are tracks whether anybody knows them or not; without a corpus too', async () => {
    const [known, unknown] = [trackOf('Africa', 'TOTO'), idOf(77)];
    await saveTracks(store.db, [known]);
    const path = await file('3 2', `${known.id} 3 4`, `spotify:track:${unknown} 0 1`, 'the 1 1');
    expect(await run({ path })).toMatchObject({
      vocabulary: 2,
      dimensions: 2,
      read: 3,
      kept: 2,
      foundById: 2,
      foundByName: 0,
      withoutTitle: 1,
      skipped: { 'neither-id-nor-artist-and-title': 1 },
      examples: { 'neither-id-nor-artist-and-title': ['the'] },
      output: 'input, scaled to length 1',
    });
    const { stored, model, catalogue } = await open();
    expect(stored).toMatchObject({ algorithm: 'imported', corpusId: null, vocabulary: 2, dimensions: 2 });
    expect([catalogue.track(0), catalogue.track(1)]).toEqual([known, { id: unknown, title: '', artists: [] }]);
    expect([...model.input]).toEqual([3, 4, 0, 1]);
    expect([...model.output]).toEqual([Math.fround(0.6), Math.fround(0.8), 0, 1]);
    expect([...model.counts]).toEqual([1, 1]);
  });

  test('artist and title, in either order, are tracks of the corpus or the database; the rest is counted with examples', async () => {
    await addCorpus();
    await saveTracks(store.db, [trackOf('Barracuda', 'Heart')]);
    const path = await file(
      'Jazz_artist_3_-_Jazz_3 1 0',
      'Techno 31 - Techno artist 3 0.5 0.5',
      'Heart - Barracuda (Remastered 2013) 0 1',
      'JAZZ ARTIST 3 - Jazz 3 - Live 2 2',
      'Jazz artist 3 - Jazz 3 2 2',
      'Nobody - Nothing 1 1',
      'Heart - Crazy on You 1 1',
      'spotify:episode:36xEjbl8DtevPJgw6i9IuY 1 1',
      `${songOf(31).id} 1 nan`,
    );
    expect(await run({ path, name: 'Mine' })).toMatchObject({
      name: 'Mine',
      read: 9,
      kept: 3,
      foundById: 0,
      foundByName: 3,
      skipped: {
        'not-finite': 1,
        'same-track-again': 1,
        'artist-and-title-not-known': 3,
        'not-a-track': 1,
      },
      examples: {
        'artist-and-title-not-known': ['JAZZ ARTIST 3 - Jazz 3 - Live', 'Nobody - Nothing', 'Heart - Crazy on You'],
      },
    });
    const { catalogue } = await open();
    expect([0, 1, 2].map((row) => catalogue.track(row))).toEqual([
      songOf(3),
      songOf(31),
      trackOf('Barracuda', 'Heart'),
    ]);
  });

  test('counts put the rows in order, output vectors are taken as they are', async () => {
    const [a, b, c] = [songOf(1).id, songOf(2).id, songOf(3).id];
    const path = await file('3 2', `${a} 1 2`, `${b} 3 4`, `${c} 5 6`);
    const counts = await file(`${b} 70`, `${a} 7`);
    const output = await file('2 2', `${a} -1 -2`, `${b} -3 -4`);
    expect(await run({ path, counts })).toMatchObject({ kept: 3, withoutCount: 1 });
    const counted = await open();
    expect([...counted.model.counts]).toEqual([70, 7, 1]);
    expect([...counted.model.input]).toEqual([3, 4, 1, 2, 5, 6]);

    expect(await run({ path, outputVectors: output })).toMatchObject({ kept: 2, skipped: { 'no-output-vector': 1 } });
    const { model } = await open();
    expect([[...model.input], [...model.output]]).toEqual([
      [1, 2, 3, 4],
      [-1, -2, -3, -4],
    ]);
  });

  test('what does not fit together is refused', async () => {
    const id = songOf(1).id;
    const path = await file('1 2', `${id} 1 2`);
    const code = (wanted: string) => expect.objectContaining({ code: wanted });
    await expect(run({ path, outputVectors: await file('1 3', `${id} 1 2 3`) })).rejects.toThrow(
      code('vectors-differ'),
    );
    await expect(run({ path, outputVectors: await file('1 2', 'x 1 2') })).rejects.toThrow(code('vectors-differ'));
    await expect(run({ path, counts: await file('x 3') })).rejects.toThrow(code('vectors-differ'));
    await expect(run({ path, counts: await file(`${id} three`) })).rejects.toThrow(code('vectors-damaged'));
    await expect(run({ path: await file('the 1 2', 'of 1 2') })).rejects.toThrow(code('no-track-found'));
    await expect(run({ path: join(store.dataDir, 'none.txt') })).rejects.toThrow(code('source-not-found'));
    await expect(run({})).rejects.toThrow(code('bad-input'));
  });

  test('imported vectors recommend as trained ones do, by cosine; a schedule leaves them in use', async () => {
    const world = tinyWorld();
    const [exported] = exportVectors(world.model, world.catalogue, {
      format: 'word2vec-binary',
      matrix: 'input',
      tokens: 'artist - title',
      name: '',
    });
    const path = join(store.dataDir, 'world.bin');
    await writeFile(path, Buffer.concat([...exported!.parts]));
    expect(await run({ path })).toMatchObject({ kept: 40, foundByName: 40 });
    const { model, catalogue } = await open();
    expect(model.input).toEqual(world.model.input);
    const recommender = openVectorRecommender(model);
    const found = await recommender.candidates({ seeds: [{ row: catalogue.rowOfId(songOf(2).id), weight: 1 }] }, 10);
    expect(Array.from(found.rows, (row) => catalogue.track(row).title)).toEqual(
      Array.from({ length: 10 }, () => expect.stringMatching(/^Jazz /)),
    );

    const train = trainVectors({ store, dataDir: store.dataDir });
    expect(await train.run({}, context)).toEqual({ skipped: expect.stringContaining('--replace-imported') });
    expect((await latestModel(store.db))!.algorithm).toBe('imported');
    clock.advance(1000);
    expect(await train.run({ replaceImported: true, epochs: 1, dimensions: 16 }, context)).toMatchObject({
      dimensions: 16,
    });
    expect((await latestModel(store.db))!.algorithm).toBe('cbow');
  });
});
