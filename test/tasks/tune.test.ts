import { appendFile, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { ManualClock } from '../../src/base/clock.ts';
import { silentLog } from '../../src/base/log.ts';
import type { ProgressReport } from '../../src/base/progress.ts';
import { seededRandom } from '../../src/base/random.ts';
import type { TaskContext } from '../../src/base/task.ts';
import { latestCorpus } from '../../src/store/corpora.ts';
import { latestModel } from '../../src/store/models.ts';
import { trainVectors } from '../../src/tasks/train-vectors.ts';
import { tune } from '../../src/tasks/tune.ts';
import { type ChosenSettings, readChosen, saveChosen, settingsFor } from '../../src/tasks/tune-chosen.ts';
import { readSettings } from '../../src/vectors/settings.ts';
import { GENRE_SIZE, manyGenres } from '../recommend/many-genres.ts';
import { idOf } from '../recommend/tiny-world.ts';
import { openTestStore, type TestStore } from '../store-fixture.ts';
import { addTrainingCorpus } from '../training-corpus.ts';

const NOW = new Date('2026-11-22T12:00:00Z');
const code = (wanted: string) => expect.objectContaining({ code: wanted });

let store: TestStore;
const clock = new ManualClock(NOW);

const context = (more: Partial<TaskContext> = {}): TaskContext => ({
  runKey: 'tune',
  attempt: 1,
  signal: new AbortController().signal,
  log: silentLog,
  progress: () => {},
  clock,
  random: seededRandom(1),
  ...more,
});
const run = async (
  input: Parameters<ReturnType<typeof tune>['run']>[0],
  more: Partial<TaskContext> = {},
  // biome-ignore lint/suspicious/noExplicitAny: each test knows what it asked for
): Promise<any> => await tune({ store, dataDir: store.dataDir }).run(input, context(more));

async function addCorpus(playlists: number): Promise<void> {
  const { tokens, offsets } = manyGenres(playlists).corpus;
  const lists = Array.from({ length: offsets.length - 1 }, (_, at) =>
    Array.from(tokens.subarray(offsets[at], offsets[at + 1]), (token) => ({
      id: idOf(token),
      title: `Song ${token}`,
      artists: [`Artist ${Math.floor(token / GENRE_SIZE)}`],
    })),
  );
  await addTrainingCorpus(store, lists, new Date(NOW.getTime() + playlists));
}

/** As a tune of the newest corpus would leave it. */
async function choose(settings: object | null, more: Partial<ChosenSettings['corpus']> = {}): Promise<void> {
  const { name, fingerprint, playlists, tokens, tracks } = (await latestCorpus(store.db, 'training'))!;
  await saveChosen(store.dataDir, {
    format: 'segue-tuning',
    version: 1,
    tunedAt: NOW.toISOString(),
    corpus: { name, fingerprint, playlists, tokens, tracks, ...more },
    sampleTokens: tokens,
    trials: 3,
    trainer: 'test',
    settings: settings === null ? null : { ...readSettings(settings) },
    confirmed: null,
    test: null,
  });
}

beforeAll(async () => {
  store = await openTestStore();
});
afterAll(() => store.close());
beforeEach(() => clock.set(NOW));

test('first of all it says what is missing', async () => {
  await expect(run(null)).rejects.toThrow(code('no-corpus'));
  await addCorpus(20);
  await expect(run(null)).rejects.toThrow(code('corpus-too-small'));
  await addCorpus(120);
  await expect(run({ minutes: 0 })).rejects.toThrow(code('bad-input'));
  await expect(run({ algorithm: 'best' })).rejects.toThrow(code('bad-input'));
  expect(await run({ forget: true })).toEqual({ skipped: expect.stringContaining('Nothing was tuned') });
});

describe('a number of trials', () => {
  // biome-ignore lint/suspicious/noExplicitAny: the output is looked at field by field
  let first: any;

  test('tries the defaults first and tells how far it is', async () => {
    const reports: ProgressReport[] = [];
    first = await run({ trials: 4 }, { progress: (report) => reports.push(report) });
    expect(first.trials).toHaveLength(4);
    expect(first.trials[0]).toMatchObject({ trial: 1, settings: {}, folds: 4, cost: 1 });
    expect(first).toMatchObject({ tried: 4, stopped: false, remembered: 0, testPlaylists: 24, playlists: 120 });
    expect(reports).toContainEqual(
      expect.objectContaining({ label: 'tune', total: 4, unit: 'trials', note: expect.stringMatching(/^\d tried/) }),
    );
    const chosen = (await readChosen(store.dataDir))!;
    expect(chosen).toMatchObject({ tunedAt: NOW.toISOString(), trials: 4, corpus: { name: 'training' } });
    expect(chosen.settings === null).toBe(first.chosen === null);
  });

  test('once more: the same, and nothing is trained again', async () => {
    const again = await run({ trials: 4 });
    const { trainings, remembered, ...rest } = again;
    expect({ trainings, remembered }).toEqual({ trainings: 0, remembered: first.trainings });
    expect(rest).toEqual({ ...first, trainings: undefined, remembered: undefined });
  });

  test('goes on from what an interrupted one has written, torn line and all', async () => {
    const [name] = (await readdir(join(store.dataDir, 'tuning'))).filter((each) => each.endsWith('.ndjson'));
    const path = join(store.dataDir, 'tuning', name!);
    const lines = (await readFile(path, 'utf8')).trimEnd().split('\n');
    expect(lines).toHaveLength(first.trainings);
    await writeFile(path, `${lines.slice(0, 5).join('\n')}\n`);
    await appendFile(path, lines[5]!.slice(0, 100));
    const again = await run({ trials: 4 });
    expect(again).toMatchObject({ remembered: 5, trainings: first.trainings - 5 });
    const figures = ({ trial, settings, inputXOutput, meanCosine }: (typeof again.trials)[number]) => ({
      trial,
      settings,
      inputXOutput,
      meanCosine,
    });
    expect(again.trials.map(figures)).toEqual(first.trials.map(figures));
    expect({ chosen: again.chosen, confirmed: again.confirmed, test: again.test }).toEqual({
      chosen: first.chosen,
      confirmed: first.confirmed,
      test: first.test,
    });
  });
});

test('an abort ends it with what is known; nothing certain changes nothing', async () => {
  await choose({ epochs: 40 });
  const abort = new AbortController();
  const reason = new Error('Ctrl-C');
  const output = await run({ trials: 500, seed: 7 }, { signal: abort.signal, progress: () => abort.abort(reason) });
  expect(output).toMatchObject({ stopped: true, chosen: null });
  expect(output.tried).toBeLessThan(3);
  expect((await readChosen(store.dataDir))!.settings).toMatchObject({ epochs: 40 });
});

test('time that is over by the clock ends the search', async () => {
  // The clock stands still until the third report, and then the time is over.
  let reports = 0;
  const progress = (): void => {
    if (++reports === 3) clock.advance(11 * 60_000);
  };
  const output = await run({ minutes: 10, seed: 8 }, { progress });
  expect(output.stopped).toBe(false);
  expect(output.tried).toBeLessThan(10);
});

describe('what was chosen', () => {
  const input = { name: 'training', tokens: 1440, tracks: 40 };
  const defaults = (given: object = {}, corpus = input) => readSettings(given, corpus);
  const settings = async (given: object = {}, corpus = input) =>
    await settingsFor(store.dataDir, corpus, given as Record<string, unknown>);

  test('is what train-vectors uses, and it says so; what is given goes over it', async () => {
    await choose({ epochs: 3, dimensions: 16 });
    const train = (given: Parameters<ReturnType<typeof trainVectors>['run']>[0] = null) =>
      trainVectors({ store, dataDir: store.dataDir }).run(given, context());
    expect(await train()).toMatchObject({ epochs: 3, dimensions: 16, settingsFrom: 'tuned on 2026-11-22' });
    clock.advance(1000);
    expect(await train({ epochs: 2, seed: 4 })).toMatchObject({
      epochs: 2,
      dimensions: 16,
      settingsFrom: 'given (epochs, seed); others: tuned on 2026-11-22',
    });
    expect((await latestModel(store.db))!.settings).toMatchObject({ seed: 4, epochs: 2, dimensions: 16 });
  });

  test('is for the same line of corpora, of about the same size, and the same algorithm', async () => {
    await choose({ epochs: 3 });
    const own = (await latestCorpus(store.db, 'training'))!.tokens;
    expect((await settings({}, { ...input, tokens: own * 3 })).settings.epochs).toBe(3);
    expect(await settings({}, { ...input, tokens: own * 5 })).toEqual({
      settings: defaults({}, { ...input, tokens: own * 5 }),
      from: expect.stringContaining('another corpus'),
    });
    const another = { ...input, name: 'another', tokens: own };
    expect(await settings({}, another)).toEqual({ settings: defaults({}, another), from: 'the defaults' });
    expect(await settings({ algorithm: 'skip-gram' })).toEqual({
      settings: defaults({ algorithm: 'skip-gram' }),
      from: 'given (algorithm); others: the defaults: cbow was tuned on 2026-11-22',
    });
    await choose(null);
    expect(await settings()).toEqual({
      settings: defaults(),
      from: 'the defaults; tuning on 2026-11-22 found none better',
    });
  });

  test('is tried first on the next corpus', async () => {
    await choose({ dimensions: 20 }, { fingerprint: '0123456789abcdef' });
    const { trials } = await run({ trials: 2 });
    expect(trials[1].settings).toMatchObject({ dimensions: 20 });
  });

  test('is forgotten on request, even where the file is damaged', async () => {
    await writeFile(join(store.dataDir, 'tuning', 'chosen.json'), '{"format": "segue-tuning"');
    await expect(settings()).rejects.toThrow(code('tuning-damaged'));
    expect(await run({ forget: true })).toEqual({ forgotten: true });
    expect(await settings()).toEqual({ settings: defaults(), from: 'the defaults' });
  });
});
