import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { ExpectedError, isExpected } from '../base/errors.ts';
import type { Json } from '../base/task.ts';
import type { Model } from '../vectors/model.ts';
import { openModel, writeModel } from '../vectors/model-file.ts';
import { type ModelManifest, readManifest } from '../vectors/model-manifest.ts';
import { readSettings, type TrainingSettings } from '../vectors/settings.ts';
import type { TrainingPosition, UnfinishedTraining } from '../vectors/train.ts';

// A training that was stopped keeps its vectors as a model directory of its own, so that it can go on. There is one at
// most: whatever is trained next replaces it.

const FOLDER = 'models/unfinished';

const aboutSchema = z.object({
  fingerprint: z.string(),
  startsFrom: z.string().nullable(),
  position: z.object({
    epoch: z.int(),
    batch: z.int(),
    tokens: z.int(),
    losses: z.array(z.number()),
    loss: z.number(),
    predictions: z.int(),
  }),
});

/** Which training it is, as its finished model would be named. */
export interface TrainingIdentity {
  readonly fingerprint: string;
  readonly settings: TrainingSettings;
  readonly trainer: string;
  readonly corpusFingerprint: string;
  /** Fingerprint of the model whose vectors it began with. */
  readonly startsFrom: string | null;
}

export async function keepUnfinished(
  dataDir: string,
  identity: TrainingIdentity,
  { model, position }: UnfinishedTraining,
): Promise<void> {
  const { fingerprint, settings, trainer, corpusFingerprint, startsFrom } = identity;
  const metrics = { fingerprint, startsFrom, position: position as unknown as Json };
  await writeModel(join(dataDir, FOLDER), model, {
    settings,
    trainer,
    corpus: { fingerprint: corpusFingerprint },
    metrics,
  });
}

/** The training that was stopped; undefined where there is none, or only one that cannot be read any more. */
export async function findUnfinished(dataDir: string): Promise<TrainingIdentity | undefined> {
  let manifest: ModelManifest;
  let settings: TrainingSettings;
  try {
    manifest = await readManifest(join(dataDir, FOLDER));
    // Another version of Segue may have had other settings.
    settings = readSettings(manifest.settings);
  } catch (error) {
    if (isExpected(error)) return undefined;
    throw error;
  }
  const about = aboutSchema.safeParse(manifest.metrics);
  if (!about.success) return undefined;
  const { fingerprint, startsFrom } = about.data;
  return {
    fingerprint,
    settings,
    trainer: manifest.trainer,
    corpusFingerprint: manifest.corpus.fingerprint as string,
    startsFrom,
  };
}

/** Its vectors and where it stopped. Throws ExpectedError `model-damaged`. */
export async function openUnfinished(dataDir: string): Promise<{ model: Model; position: TrainingPosition }> {
  const { model, manifest } = await openModel(join(dataDir, FOLDER));
  return { model, position: aboutSchema.parse(manifest.metrics).position };
}

export async function removeUnfinished(dataDir: string): Promise<void> {
  await rm(join(dataDir, FOLDER), { recursive: true, force: true });
}

/** `--resume`, and nothing to go on with. `found`: what there is instead. */
export function nothingToResume(found: TrainingIdentity | undefined): ExpectedError {
  return found === undefined
    ? new ExpectedError('nothing-to-resume', 'There is no training to go on with.', {
        why: 'None was stopped before its end, or another one was made since.',
        hint: 'Start one with: segue train-vectors',
      })
    : new ExpectedError('nothing-to-resume', 'The training that was stopped cannot go on.', {
        why: 'Its playlists have changed since, or this Segue trains in another way.',
        hint: 'Start anew with: segue train-vectors (--from-model begins with the vectors of the model in use)',
      });
}
