import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { ExpectedError, isExpected } from '../base/errors.ts';
import type { Json, Task, TaskContext, TaskOutput } from '../base/task.ts';
import { openCorpus } from '../corpus/corpus-file.ts';
import { catalogueFiles } from '../recommend/catalogue-file.ts';
import type { Store } from '../store/connect.ts';
import { latestCorpus } from '../store/corpora.ts';
import { findModel, latestModel, saveModel } from '../store/models.ts';
import { writeModel } from '../vectors/model-file.ts';
import { modelFingerprint, readManifest } from '../vectors/model-manifest.ts';
import { type CorpusSize, readSettings, type TrainingSettings } from '../vectors/settings.ts';
import { type TrainingOptions, train } from '../vectors/train.ts';
import { buildVocabulary } from '../vectors/vocabulary.ts';
import { mapKnownVectors, modelToStartFrom } from './known-vectors.ts';
import { removeOldModels } from './remove-old-folders.ts';
import { judgeSettings } from './train-vectors-judge.ts';
import { settingsFor } from './tune-chosen.ts';
import {
  findUnfinished,
  keepUnfinished,
  nothingToResume,
  openUnfinished,
  removeUnfinished,
  type TrainingIdentity,
} from './unfinished-training.ts';

export interface TrainVectorsDeps {
  readonly store: Store;
  readonly dataDir: string;
}

/** Training settings that differ from the defaults (src/vectors/settings.ts), beside the choices of `choicesSchema`. */
export type TrainVectorsInput = { readonly [setting: string]: Json } | null;

const choicesSchema = z.object({
  /** Train once more without a tenth of the playlists, and judge by them. */
  evaluate: z.boolean().default(false),
  /** Go on with the training that was stopped, with its settings. */
  resume: z.boolean().default(false),
  /** Begin with the vectors of the model in use (true) or of the one with this fingerprint. */
  fromModel: z.union([z.boolean(), z.string()]).default(false),
  /** Train although imported vectors are in use. Any other choice or setting does so too: only a run that asks for nothing, as schedules do, leaves them. */
  replaceImported: z.boolean().default(false),
  /** Absent: one where training is short, so that it can be repeated bit for bit, else one a core. */
  threads: z.int().min(1).max(256).optional(),
});

/** Which trainer makes the vectors. Part of a model's fingerprint: raise it when a trainer makes other vectors. */
export const TRAINER = 'kernel-2';

/** Tokens x epochs up to which one thread is quick enough: a minute or less. */
const SHORT_TRAINING = 50_000_000;

/** Writing 2 GB takes a few seconds: at most one part in twenty of the time. */
const SAVE_EVERY_MS = 60_000;

/**
 * Learns song vectors from the newest training corpus. Skipped when the same corpus, settings and seed gave a model before.
 * A training that was stopped goes on where it was when the same one is asked for again. Throws ExpectedError `no-corpus`,
 * `bad-settings`, `corpus-too-small`, `nothing-to-resume`, `model-unknown`, `too-much-for-the-kernel` and what opening a corpus throws.
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
  deps: TrainVectorsDeps,
  input: NonNullable<TrainVectorsInput>,
  context: TaskContext,
): Promise<TaskOutput> {
  const { store, dataDir } = deps;
  const { evaluate, resume, fromModel, threads: wanted, given } = readInput(input);
  if (Object.keys(input).length === 0 && (await latestModel(store.db))?.algorithm === 'imported')
    return { skipped: 'Imported song vectors are in use; train-vectors --replace-imported trains others.' };
  const source = await latestCorpus(store.db, 'training');
  if (source === undefined) {
    throw new ExpectedError('no-corpus', 'There are no playlists to learn from.', {
      why: 'No training corpus was built.',
      hint: 'Run segue import-playlists and segue build-corpus first.',
    });
  }
  const stopped = await findUnfinished(dataDir);
  const { identity, settingsFrom } = resume
    ? { identity: resumable(stopped, source.fingerprint), settingsFrom: 'those of the training that was stopped' }
    : await identify(deps, source, given, fromModel);
  const { settings, fingerprint } = identity;
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
  const threads = wanted ?? (sequences.tokens.length * settings.epochs > SHORT_TRAINING ? availableParallelism() : 1);
  const goesOn = stopped?.fingerprint === fingerprint;
  const startedAt = context.clock.now();
  const { model, vocabulary, losses, tokens } = await train(sequences, settings, {
    signal: context.signal,
    progress: context.progress,
    threads,
    onEpoch: (epoch, loss) => context.log.debug(`epoch ${epoch + 1} of ${settings.epochs}`, { loss }),
    save: async (unfinished) => {
      await keepUnfinished(dataDir, identity, unfinished);
      const { epoch } = unfinished.position;
      context.log.info(
        `kept what was learned in ${epoch} of ${settings.epochs} epochs; train-vectors --resume goes on`,
      );
    },
    saveEveryMs: SAVE_EVERY_MS,
    ...(await startOf()),
  });
  const seconds = (context.clock.now().getTime() - startedAt.getTime()) / 1000;
  const heldOut = evaluate ? await judgeSettings(sequences, await corpus.readGroups(), settings, context) : null;
  const repeatable = threads === 1;
  const metrics = { tokens, seconds, threads, repeatable, losses: [...losses], heldOut };

  await writeModel(
    directory,
    model,
    {
      settings,
      trainer: TRAINER,
      corpus: {
        fingerprint: source.fingerprint,
        name: source.name,
        parts: corpus.manifest.parts as unknown as Json,
        startsFrom: identity.startsFrom,
      },
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
    createdAt: context.clock.now(),
  });
  await removeUnfinished(dataDir);
  await removeOldModels(store, dataDir, path, context);
  return {
    model: fingerprint,
    algorithm: settings.algorithm,
    vocabulary: vocabulary.tokens.length,
    dimensions: settings.dimensions,
    epochs: settings.epochs,
    settingsFrom,
    startsFrom: identity.startsFrom,
    goneOn: goesOn,
    threads,
    repeatable,
    tokens: vocabulary.total,
    playlists: source.playlists,
    loss: losses.at(-1)!,
    seconds,
    tokensPerSecond: Math.round(tokens / Math.max(seconds, 0.001)),
    heldOut,
  };

  async function startOf(): Promise<Pick<TrainingOptions, 'known' | 'resume'>> {
    if (goesOn) {
      const { model: known, position } = await openUnfinished(dataDir);
      return { known: { model: known, rowOf: Int32Array.from(known.counts, (_, row) => row) }, resume: position };
    }
    if (identity.startsFrom === null) return {};
    const rows = buildVocabulary(sequences, settings.minCount).tokens;
    return { known: await mapKnownVectors(deps, identity.startsFrom, rows, (token) => tracks.id(token)) };
  }
}

/** Throws ExpectedError `bad-settings`. */
function readInput(input: NonNullable<TrainVectorsInput>) {
  const choices = choicesSchema.safeParse(input);
  if (!choices.success) {
    throw new ExpectedError('bad-settings', 'These training settings cannot be used.', {
      why: choices.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; '),
      hint: 'segue train-vectors --help says what each may be.',
    });
  }
  const given = Object.fromEntries(Object.entries(input).filter(([name]) => !(name in choicesSchema.shape)));
  readSettings(given);
  if (choices.data.resume && (Object.keys(given).length > 0 || choices.data.fromModel !== false)) {
    throw new ExpectedError('bad-settings', 'A training that was stopped goes on with the settings it had.', {
      why: `With resume there is no room for ${[...Object.keys(given), ...(choices.data.fromModel === false ? [] : ['fromModel'])].join(', ')}.`,
      hint: 'Leave out --resume to start anew with these settings, or leave out the settings.',
    });
  }
  return { ...choices.data, given };
}

async function identify(
  deps: TrainVectorsDeps,
  source: CorpusSize & { readonly name: string; readonly fingerprint: string },
  given: { readonly [setting: string]: Json },
  fromModel: boolean | string,
): Promise<{ identity: TrainingIdentity; settingsFrom: string }> {
  const start = fromModel === false ? undefined : await modelToStartFrom(deps.store, fromModel);
  const { settings, from } = await settingsFor(deps.dataDir, source, {
    ...(start === undefined ? {} : { dimensions: start.dimensions }),
    ...given,
  });
  if (start !== undefined && settings.dimensions !== start.dimensions) {
    throw new ExpectedError('bad-settings', `Training cannot begin with the vectors of model ${start.fingerprint}.`, {
      why: `They have ${start.dimensions} dimensions, not ${settings.dimensions}.`,
      hint: 'Leave out --dimensions, or --from-model.',
    });
  }
  const startsFrom = start?.fingerprint ?? null;
  return { identity: identityOf(settings, source.fingerprint, startsFrom), settingsFrom: from };
}

function identityOf(
  settings: TrainingSettings,
  corpusFingerprint: string,
  startsFrom: string | null,
): TrainingIdentity {
  const source = startsFrom === null ? corpusFingerprint : `${corpusFingerprint} from ${startsFrom}`;
  const fingerprint = modelFingerprint({ settings, trainer: TRAINER }, source);
  return { fingerprint, settings, trainer: TRAINER, corpusFingerprint, startsFrom };
}

/** Throws ExpectedError `nothing-to-resume`. */
function resumable(stopped: TrainingIdentity | undefined, corpusFingerprint: string): TrainingIdentity {
  if (stopped === undefined || stopped.trainer !== TRAINER || stopped.corpusFingerprint !== corpusFingerprint) {
    throw nothingToResume(stopped);
  }
  return stopped;
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
