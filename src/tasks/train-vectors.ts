import { join } from 'node:path';
import { ExpectedError, isExpected } from '../base/errors.ts';
import type { Json, Task, TaskContext, TaskOutput } from '../base/task.ts';
import { openCorpus } from '../corpus/corpus-file.ts';
import { catalogueFiles } from '../recommend/catalogue-file.ts';
import type { Store } from '../store/connect.ts';
import { latestCorpus } from '../store/corpora.ts';
import { findModel, listModels, saveModel } from '../store/models.ts';
import { writeModel } from '../vectors/model-file.ts';
import { modelFingerprint, readManifest } from '../vectors/model-manifest.ts';
import { readSettings } from '../vectors/settings.ts';
import { train } from '../vectors/train.ts';
import { removeOldFolders } from './remove-old-folders.ts';
import { judgeSettings } from './train-vectors-judge.ts';
import { settingsFor } from './tune-chosen.ts';

export interface TrainVectorsDeps {
  readonly store: Store;
  readonly dataDir: string;
}

/** Training settings that differ from the defaults (src/vectors/settings.ts); `evaluate: true`: train once more without a tenth of the playlists, and judge by them. */
export type TrainVectorsInput = { readonly [setting: string]: Json } | null;

/** Which trainer makes the vectors. Part of a model's fingerprint: raise it when a trainer makes other vectors. */
export const TRAINER = 'kernel-1';

/**
 * Learns song vectors from the newest training corpus. Skipped when the same corpus, settings and seed gave a model before.
 * Throws ExpectedError `no-corpus`, `bad-settings`, `corpus-too-small` and what opening a corpus throws.
 */
export function trainVectors(deps: TrainVectorsDeps): Task<TrainVectorsInput> {
  return {
    name: 'train-vectors',
    summary: 'Learns song vectors from the training corpus.',
    timeoutMs: 12 * 60 * 60_000,
    maxAttempts: 2,
    run: (input, context) => run(deps, input ?? {}, context),
  };
}

async function run(
  { store, dataDir }: TrainVectorsDeps,
  input: NonNullable<TrainVectorsInput>,
  context: TaskContext,
): Promise<TaskOutput> {
  const { evaluate = false, ...overrides } = input;
  const given = typeof evaluate === 'boolean' ? overrides : input;
  readSettings(given);
  const source = await latestCorpus(store.db, 'training');
  if (source === undefined) {
    throw new ExpectedError('no-corpus', 'There are no playlists to learn from.', {
      why: 'No training corpus was built.',
      hint: 'Run segue import-playlists and segue build-corpus first.',
    });
  }
  const { settings, from: settingsFrom } = await settingsFor(dataDir, source, given);
  const fingerprint = modelFingerprint({ settings, trainer: TRAINER }, source.fingerprint);
  const path = `models/${fingerprint}`;
  const directory = join(dataDir, path);
  const before = await findModel(store.db, fingerprint);
  if (before !== undefined && !evaluate && (await isWhole(directory))) {
    // It becomes the one in use again, where another was trained in between.
    await saveModel(store.db, { ...before, createdAt: context.clock.now() });
    return { skipped: `model ${fingerprint} was trained on these playlists with these settings before` };
  }

  const corpus = await openCorpus(join(dataDir, source.path));
  const sequences = { tokens: await corpus.readTokens(), offsets: await corpus.readOffsets() };
  const tracks = await corpus.readVocabulary();
  const startedAt = context.clock.now();
  const { model, vocabulary, losses, tokens } = await train(sequences, settings, {
    signal: context.signal,
    progress: context.progress,
    onEpoch: (epoch, loss) => context.log.debug(`epoch ${epoch + 1} of ${settings.epochs}`, { loss }),
  });
  const seconds = (context.clock.now().getTime() - startedAt.getTime()) / 1000;
  const heldOut = evaluate ? await judgeSettings(sequences, await corpus.readGroups(), settings, context) : null;
  const metrics = { tokens, seconds, losses: [...losses], heldOut };

  const createdAt = context.clock.now();
  await writeModel(
    directory,
    model,
    {
      settings,
      trainer: TRAINER,
      corpus: { fingerprint: source.fingerprint, name: source.name, parts: corpus.manifest.parts as unknown as Json },
      metrics,
    },
    await catalogueFiles(vocabulary.tokens.values().map((token) => tracks.entry(token))),
  );
  await saveModel(store.db, {
    corpusId: source.corpusId,
    algorithm: settings.algorithm,
    fingerprint,
    path,
    vocabulary: vocabulary.tokens.length,
    dimensions: settings.dimensions,
    settings,
    metrics,
    createdAt,
  });
  await removeOldFolders(dataDir, await listModels(store.db), path, context);
  return {
    model: fingerprint,
    algorithm: settings.algorithm,
    vocabulary: vocabulary.tokens.length,
    dimensions: settings.dimensions,
    epochs: settings.epochs,
    settingsFrom,
    tokens: vocabulary.total,
    playlists: source.playlists,
    loss: losses.at(-1)!,
    seconds,
    tokensPerSecond: Math.round(tokens / Math.max(seconds, 0.001)),
    heldOut,
  };
}

async function isWhole(directory: string): Promise<boolean> {
  try {
    await readManifest(directory);
    return true;
  } catch (error) {
    if (isExpected(error)) return false;
    throw error;
  }
}
