import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { ExpectedError, systemCode } from '../base/errors.ts';
import type { Json } from '../base/task.ts';
import { checkedFileSchema } from './model-parts.ts';

export const MODEL_FORMAT = 'segue-model';
/** Raised when a file changes its meaning; readers of older versions stay (a model written once can be read forever). 2: files have CRC-32 sums by parts. */
export const MODEL_VERSION = 2;

const manifestSchema = z.object({
  format: z.literal(MODEL_FORMAT),
  version: z.int(),
  rows: z.int().min(0),
  dimensions: z.int().min(1),
  settings: z.record(z.string(), z.json()),
  trainer: z.string(),
  corpus: z.record(z.string(), z.json()),
  metrics: z.record(z.string(), z.json()),
  files: z.record(z.string(), checkedFileSchema),
});

export type ModelManifest = z.output<typeof manifestSchema>;

/** What the manifest says beyond sizes. */
export interface ModelAbout {
  /** Of the training, or of the import. */
  readonly settings: { readonly [setting: string]: Json };
  /** Which trainer made it; part of the fingerprint, since another trainer makes another model. */
  readonly trainer: string;
  /** The corpus: its fingerprint and where it came from. */
  readonly corpus: { readonly fingerprint: string; readonly [key: string]: Json };
  /** Loss per epoch, seconds, tokens, and held-out figures where measured. */
  readonly metrics: { readonly [key: string]: Json };
}

/** 16 hex digits that name a model: the same corpus, settings (seed included) and trainer give the same model. */
export function modelFingerprint(about: Pick<ModelAbout, 'settings' | 'trainer'>, corpusFingerprint: string): string {
  const settings = Object.entries(about.settings).sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash('sha256')
    .update(JSON.stringify([MODEL_FORMAT, about.trainer, corpusFingerprint, settings]))
    .digest('hex')
    .slice(0, 16);
}

/** The manifest of a model directory. Throws ExpectedError `model-missing`, `model-too-new` or `model-damaged`. */
export async function readManifest(directory: string): Promise<ModelManifest> {
  let text: string;
  try {
    text = await readFile(join(directory, 'manifest.json'), 'utf8');
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw error;
    throw new ExpectedError('model-missing', `There is no model in ${directory}.`, {
      why: 'It holds no manifest.json.',
      hint: 'Train one with: segue train-vectors',
      cause: error,
    });
  }
  let raw: unknown;
  try {
    raw = JSON.parse(text);
  } catch {
    throw damagedModel(directory, 'manifest.json is not JSON');
  }
  // Before anything else: a newer version may have changed every other field.
  const version = (raw as { version?: unknown } | null)?.version;
  if (typeof version === 'number' && version > MODEL_VERSION) {
    throw new ExpectedError('model-too-new', `The model in ${directory} cannot be read.`, {
      why: `It has version ${version} of the format; this Segue knows up to ${MODEL_VERSION}.`,
      hint: 'Update Segue, or train again with this one: segue train-vectors',
    });
  }
  const parsed = manifestSchema.safeParse(raw);
  if (!parsed.success) throw damagedModel(directory, `manifest.json: ${z.prettifyError(parsed.error).split('\n')[0]}`);
  return parsed.data;
}

export function damagedModel(directory: string, why: string): ExpectedError {
  return new ExpectedError('model-damaged', `The model in ${directory} is damaged.`, {
    why: `${why}.`,
    hint: 'Delete the directory and train again: segue train-vectors',
  });
}
