import { expect, test } from 'vitest';
import type { ProgressReport } from '../../src/base/progress.ts';
import { trainReference } from '../../src/vectors/reference-trainer.ts';
import { readSettings } from '../../src/vectors/settings.ts';
import { train } from '../../src/vectors/train.ts';
import { buildVocabulary } from '../../src/vectors/vocabulary.ts';
import { sequences, twoGenres } from './two-genres.ts';

test('a worker thread makes the same model as this thread, and tells how far it is', async () => {
  const corpus = twoGenres();
  const settings = readSettings({ dimensions: 8, epochs: 3 });
  const reports: ProgressReport[] = [];
  const losses: number[] = [];
  const result = await train(corpus, settings, {
    progress: (report) => reports.push(report),
    onEpoch: (_, loss) => losses.push(loss),
  });
  const here = trainReference(corpus, buildVocabulary(corpus, 1), settings);
  expect(result.model).toEqual(here.model);
  expect(losses).toEqual(here.losses);
  expect(reports.at(-1)).toEqual({ label: 'train', done: 200 * 8 * 3, total: 200 * 8 * 3, unit: 'tokens' });
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
