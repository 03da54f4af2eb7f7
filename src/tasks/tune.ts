import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { ExpectedError } from '../base/errors.ts';
import type { Json, Task, TaskContext, TaskOutput } from '../base/task.ts';
import { openCorpus } from '../corpus/corpus-file.ts';
import { measureOn } from '../recommend/measure-settings.ts';
import { type Tuning, tuneSettings } from '../recommend/tuning.ts';
import { planSplits } from '../recommend/tuning-splits.ts';
import type { Store } from '../store/connect.ts';
import { latestCorpus, type StoredCorpus } from '../store/corpora.ts';
import { readSettings } from '../vectors/settings.ts';
import { train } from '../vectors/train.ts';
import { readInput } from './task-input.ts';
import { TRAINER } from './train-vectors.ts';
import { forgetChosen, readChosen, saveChosen } from './tune-chosen.ts';
import { openTuneJournal } from './tune-journal.ts';
import { describeTuning } from './tune-output.ts';
import { watchTuning } from './tune-watch.ts';

export interface TuneDeps {
  readonly store: Store;
  readonly dataDir: string;
}

const inputSchema = z.strictObject({
  /** Time to spend; 10 where neither it nor `trials` is given. */
  minutes: z
    .number()
    .positive()
    .max(7 * 24 * 60)
    .optional(),
  /** Settings to try at most. Without `minutes`, the same number gives the same outcome. */
  trials: z.int().min(1).max(10_000).optional(),
  algorithm: z.enum(['cbow', 'skip-gram', 'both']).default('cbow'),
  seed: z.int().min(0).default(1),
  /** Go back to the defaults instead. */
  forget: z.boolean().default(false),
});

/** As on the command line: `minutes`, `trials`, `algorithm`, `seed`, `forget`. */
export type TuneInput = { readonly [name: string]: Json } | null;

/** Raised when splits, judging or scores change: measurements of different versions cannot be compared. */
const MEASUREMENT = 2;

const DEFAULT_MINUTES = 10;

// Of a large corpus a sample: with it, ten minutes are enough for some dozens of trainings on two cores.
const SAMPLE_TOKENS_PER_MINUTE = 50_000;
const LEAST_SAMPLE_TOKENS = 250_000;

// Models that are trained side by side: input and output vectors of 96 dimensions, as f32, in at most two gigabytes.
const BYTES_PER_TRACK = 2 * 96 * 4;
const MOST_BYTES = 2 * 2 ** 30;

/**
 * Looks for training settings that suit the newest training corpus better than the defaults, and leaves them in
 * `tuning/chosen.json`, where train-vectors finds them. Each measurement is in `tuning/<fingerprint>.ndjson`, so that a
 * tune that was cut off goes on. When stopped it keeps the best so far. Throws ExpectedError `no-corpus`,
 * `corpus-too-small`, `bad-input` and what opening a corpus throws.
 */
export function tune(deps: TuneDeps): Task<TuneInput> {
  return {
    name: 'tune',
    summary: 'Looks for the training settings that suit your playlists best.',
    timeoutMs: 8 * 24 * 60 * 60_000,
    maxAttempts: 1,
    async run(raw, context) {
      const input = readInput('tune', inputSchema, raw);
      if (input.forget) return await forget(deps);
      return await run(deps, input, context);
    },
  };
}

async function forget({ dataDir }: TuneDeps): Promise<TaskOutput> {
  if (!(await forgetChosen(dataDir))) return { skipped: 'Nothing was tuned; train-vectors uses the defaults.' };
  return { forgotten: true };
}

async function run(
  { store, dataDir }: TuneDeps,
  { minutes, trials, algorithm, seed }: z.output<typeof inputSchema>,
  context: TaskContext,
): Promise<TaskOutput> {
  const source = await latestCorpus(store.db, 'training');
  if (source === undefined) {
    throw new ExpectedError('no-corpus', 'There are no playlists to tune on.', {
      why: 'No training corpus was built.',
      hint: 'Run segue import-playlists and segue build-corpus first.',
    });
  }
  const { clock, signal } = context;
  const startedAt = clock.now().getTime();
  const budget = minutes ?? (trials === undefined ? DEFAULT_MINUTES : undefined);
  const corpus = await openCorpus(join(dataDir, source.path));
  const sequences = { tokens: await corpus.readTokens(), offsets: await corpus.readOffsets() };
  const sampleTokens = Math.max(LEAST_SAMPLE_TOKENS, (budget ?? DEFAULT_MINUTES) * SAMPLE_TOKENS_PER_MINUTE);
  const splits = planSplits(sequences, await corpus.readGroups(), { seed, sampleTokens });
  const key = JSON.stringify([MEASUREMENT, TRAINER, seed, splits.sampleTokens]);
  const journal = await openTuneJournal(dataDir, source.fingerprint, key);

  const watch = watchTuning({
    startedAt,
    budgetMs: budget === undefined ? undefined : budget * 60_000,
    clock,
    report: context.progress,
    splits,
    atOnce: trainingsAtOnce(source, splits.sampleTokens),
  });
  const now = () => performance.now();
  const measure = measureOn(
    splits,
    (learned, settings) => train(learned, settings, { signal, progress: () => watch.tick() }),
    { now, signal },
  );
  const defaults = readSettings({}, source);
  const before = await readChosen(dataDir).catch(() => undefined);
  const tuning = await tuneSettings(
    {
      defaults,
      // What an earlier corpus wanted is a good guess; the same corpus has its journal.
      first:
        before?.settings && before.corpus.fingerprint !== source.fingerprint ? [readSettings(before.settings)] : [],
      algorithms: algorithm === 'both' ? ['cbow', 'skip-gram'] : [algorithm],
      seed,
      trials: trials ?? Number.POSITIVE_INFINITY,
      playlistLength: splits.corpusTokens / Math.max(1, source.playlists),
    },
    splits,
    { ...watch.effects, measure: journal.remembering(measure), signal },
  );
  await keep(dataDir, source, tuning, splits.sampleTokens, clock.now());
  const seconds = (clock.now().getTime() - startedAt) / 1000;
  return describeTuning(tuning, { source, splits, defaults, counts: journal.counts, seconds });
}

/** What train-vectors is to use from now on. A tune that was stopped before it knew anything changes nothing. */
async function keep(
  dataDir: string,
  source: StoredCorpus,
  tuning: Tuning,
  sampleTokens: number,
  tunedAt: Date,
): Promise<void> {
  if (tuning.chosen === undefined && tuning.stopped) return;
  const { name, fingerprint, playlists, tokens, tracks } = source;
  await saveChosen(dataDir, {
    format: 'segue-tuning',
    version: 1,
    tunedAt: tunedAt.toISOString(),
    corpus: { name, fingerprint, playlists, tokens, tracks },
    sampleTokens,
    trials: tuning.trials.length,
    trainer: TRAINER,
    settings: (tuning.chosen as Record<string, Json> | undefined) ?? null,
    confirmed: tuning.confirmed ?? null,
    test: tuning.test ?? null,
  });
}

/** One thread each, so that a training is repeatable; side by side as many as the machine has room for. */
function trainingsAtOnce({ tracks }: StoredCorpus, sampleTokens: number): number {
  const fit = Math.floor(MOST_BYTES / (Math.min(tracks, sampleTokens) * BYTES_PER_TRACK));
  return Math.max(1, Math.min(availableParallelism(), fit));
}
