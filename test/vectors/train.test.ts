import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import type { ProgressReport } from '../../src/base/progress.ts';
import type { Model } from '../../src/vectors/model.ts';
import { readSettings } from '../../src/vectors/settings.ts';
import { type TrainingPosition, train } from '../../src/vectors/train.ts';
import { buildVocabulary } from '../../src/vectors/vocabulary.ts';
import { sequences, twoGenres } from './two-genres.ts';

const digest = ({ input, output }: Model) =>
  createHash('sha256').update(Float32Array.from(input)).update(Float32Array.from(output)).digest('hex');

test('tells how far it is', async () => {
  const reports: ProgressReport[] = [];
  const losses: number[] = [];
  const { losses: all } = await train(twoGenres(), readSettings({ dimensions: 8, epochs: 3, subsampling: 0 }), {
    progress: (report) => reports.push(report),
    onEpoch: (_, loss) => losses.push(loss),
  });
  expect(losses).toEqual(all);
  expect(reports.at(-1)).toEqual({ label: 'train', done: 200 * 8 * 3, total: 200 * 8 * 3, unit: 'tokens' });
});

test('tells how far it is between epochs that are shorter than the time between two reports', async () => {
  const reports: number[] = [];
  const progress = ({ done }: ProgressReport) => {
    reports.push(done);
    if (reports.length === 3) abort.abort(new Error('seen enough'));
  };
  const abort = new AbortController();
  const settings = readSettings({ dimensions: 16, epochs: 1000, negatives: 100 });
  await expect(train(twoGenres(2000), settings, { progress, signal: abort.signal })).rejects.toThrow('seen enough');
  expect(reports).toHaveLength(3);
  expect(reports[0]!).toBeLessThan(reports[2]!);
});

test('one thread makes the same bits each time; several make a model as good', async () => {
  const settings = readSettings({ dimensions: 16, epochs: 5, subsampling: 0 });
  const corpus = twoGenres(2000);
  const [first, again, many] = [
    await train(corpus, settings),
    await train(corpus, settings),
    await train(corpus, settings, { threads: 3 }),
  ];
  expect(digest(again.model)).toBe(digest(first.model));
  expect(many.threads).toBe(3);
  expect(many.tokens).toBe(first.tokens);
  expect(Math.abs(many.losses.at(-1)! - first.losses.at(-1)!)).toBeLessThan(0.1);
});

test.each([12, 10])(
  'stopped anywhere and gone on, it makes the bits of a training never stopped (%d dimensions)',
  async (dimensions) => {
    const settings = readSettings({ dimensions, epochs: 4, subsampling: 0.02, negativeExponent: 0.5 });
    const corpus = twoGenres(20_000);
    const whole = await train(corpus, settings);
    const abort = new AbortController();
    let kept: { model: Model; position: TrainingPosition } | undefined;
    const stopped = train(corpus, settings, {
      signal: abort.signal,
      onEpoch: () => setImmediate(() => abort.abort(new Error('Ctrl-C'))),
      save: async ({ model, position }) => {
        kept = { model: { ...model, input: model.input.slice(), output: model.output.slice() }, position };
      },
    });
    await expect(stopped).rejects.toThrow('Ctrl-C');
    const { model, position } = kept!;
    const rowOf = Int32Array.from(model.counts, (_, row) => row);
    const goneOn = await train(corpus, settings, { known: { model, rowOf }, resume: position });
    expect(goneOn.losses).toHaveLength(4);
    expect(digest(goneOn.model)).toBe(digest(whole.model));
  },
);

test('saves between epochs, and what is saved goes on to the same bits', async () => {
  const settings = readSettings({ dimensions: 6, epochs: 3, subsampling: 0 });
  const corpus = twoGenres();
  const saved: { model: Model; position: TrainingPosition }[] = [];
  const whole = await train(corpus, settings, {
    saveEveryMs: 0,
    save: async ({ model, position }) => {
      saved.push({ model: { ...model, input: model.input.slice(), output: model.output.slice() }, position });
    },
  });
  expect(saved.map(({ position }) => position.epoch)).toEqual([1, 2]);
  for (const { model, position } of saved) {
    const known = { model, rowOf: Int32Array.from(model.counts, (_, row) => row) };
    expect(digest((await train(corpus, settings, { known, resume: position })).model)).toBe(digest(whole.model));
  }
});

test('old tracks start from the vectors they have, new ones by chance', async () => {
  const settings = readSettings({ dimensions: 8, epochs: 1, learningRate: 1e-9, minLearningRate: 0 });
  const old = await train(sequences([[1, 2, 3], [1, 2], [1]]), settings);
  const corpus = sequences([[2, 9, 1], [2, 9], [2]]);
  const vocabulary = buildVocabulary(corpus, 1);
  const rowOf = Int32Array.from(vocabulary.tokens, (token) => old.vocabulary.rowOf[token] ?? -1);
  const known = { model: { ...old.model, input: old.model.input.map((value) => value + 1) }, rowOf };
  const { model } = await train(corpus, settings, { known });
  const alone = await train(corpus, settings);
  for (const [row, token] of vocabulary.tokens.entries()) {
    const before = old.vocabulary.rowOf[token] ?? -1;
    const wanted =
      before < 0
        ? alone.model.input.subarray(row * 8, row * 8 + 8)
        : known.model.input.subarray(before * 8, before * 8 + 8);
    for (let i = 0; i < 8; i++) expect(model.input[row * 8 + i]).toBeCloseTo(wanted[i]!, 5);
  }
});

test('an abort ends it with the signal’s reason', async () => {
  const abort = new AbortController();
  const settings = readSettings({ dimensions: 64, epochs: 1000 });
  const reason = new Error('Ctrl-C');
  const training = train(twoGenres(2000), settings, { signal: abort.signal, onEpoch: () => abort.abort(reason) });
  await expect(training).rejects.toBe(reason);
  await expect(train(twoGenres(), settings, { signal: abort.signal })).rejects.toBe(reason);
});

test('a corpus with nothing to learn from is refused', async () => {
  const settings = readSettings({ minCount: 5 });
  await expect(train(sequences([[1, 2, 3]]), settings)).rejects.toThrow(
    expect.objectContaining({ code: 'corpus-too-small' }),
  );
});
