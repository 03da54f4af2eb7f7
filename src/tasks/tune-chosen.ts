import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { ExpectedError, systemCode } from '../base/errors.ts';
import { syncFolder } from '../base/sync-folder.ts';
import { asWriteFailure } from '../base/write-failure.ts';
import { type CorpusSize, readSettings, type TrainingSettings } from '../vectors/settings.ts';

const means = z.object({ inputXOutput: z.number(), meanCosine: z.number(), recommender: z.number().nullable() });
const comparison = z.object({
  settings: means,
  defaults: means,
  difference: z.object({ mean: z.number(), error: z.number(), low: z.number(), high: z.number(), cases: z.int() }),
});

const chosenSchema = z.object({
  format: z.literal('segue-tuning'),
  version: z.literal(1),
  tunedAt: z.iso.datetime(),
  corpus: z.object({
    name: z.string(),
    fingerprint: z.string(),
    playlists: z.int(),
    tokens: z.int(),
    tracks: z.int(),
  }),
  /** Tokens that one training learned from. */
  sampleTokens: z.int(),
  trials: z.int(),
  trainer: z.string(),
  /** Null: nothing beat the defaults beyond doubt. */
  settings: z.record(z.string(), z.json()).nullable(),
  /** Figures on the folds that the search did not see; null where the tune was stopped before. */
  confirmed: comparison.nullable(),
  /** Figures on the playlists put aside. */
  test: comparison.nullable(),
});

/** What the last tune came to: the settings that train-vectors uses, and what is known of them. */
export type ChosenSettings = z.output<typeof chosenSchema>;

const FILE = 'chosen.json';

/** Beyond this, more or less, a corpus is another one and its settings say nothing: large ones want fewer epochs. */
const MOST_GROWTH = 4;

export async function saveChosen(dataDir: string, chosen: ChosenSettings): Promise<void> {
  const folder = join(dataDir, 'tuning');
  const path = join(folder, FILE);
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const file = await open(`${path}.new`, 'w', 0o600);
    try {
      await file.writeFile(`${JSON.stringify(chosen, null, 2)}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(`${path}.new`, path);
    await syncFolder(folder);
  } catch (error) {
    throw asWriteFailure(error, 'tuning-not-written', folder);
  }
}

/** Throws ExpectedError `tuning-damaged`; undefined where nothing was tuned. */
export async function readChosen(dataDir: string): Promise<ChosenSettings | undefined> {
  const path = join(dataDir, 'tuning', FILE);
  try {
    return chosenSchema.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    if (systemCode(error) !== undefined) throw error;
    throw new ExpectedError('tuning-damaged', 'The tuned settings cannot be read.', {
      why: `${path} is damaged, or a newer Segue wrote it.`,
      hint: 'Go back to the defaults with: segue tune --forget',
      cause: error,
    });
  }
}

/** Back to the defaults; what was measured stays. False where there was nothing to forget. */
export async function forgetChosen(dataDir: string): Promise<boolean> {
  try {
    await rm(join(dataDir, 'tuning', FILE));
    return true;
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return false;
    throw error;
  }
}

/**
 * The settings to train with on a corpus: given ones, over those that were tuned on it or on an earlier state of it, over
 * the defaults. `from` says which, for people. Throws ExpectedError `bad-settings` and what `readChosen` throws.
 */
export async function settingsFor(
  dataDir: string,
  corpus: CorpusSize & { readonly name: string },
  given: { readonly [setting: string]: unknown },
): Promise<{ readonly settings: TrainingSettings; readonly from: string }> {
  const names = Object.keys(given);
  const plain = readSettings(given, corpus);
  const chosen = await readChosen(dataDir);
  const { base, from } = baseFor(chosen, corpus, given);
  const settings = base === undefined ? plain : readSettings({ ...base, seed: plain.seed, ...given });
  return { settings, from: names.length === 0 ? from : `given (${names.join(', ')}); others: ${from}` };
}

function baseFor(
  chosen: ChosenSettings | undefined,
  corpus: { readonly name: string; readonly tokens: number },
  given: { readonly [setting: string]: unknown },
): { base: ChosenSettings['settings'] | undefined; from: string } {
  if (chosen === undefined || chosen.corpus.name !== corpus.name) return { base: undefined, from: 'the defaults' };
  const day = chosen.tunedAt.slice(0, 10);
  if (chosen.settings === null) return { base: undefined, from: `the defaults; tuning on ${day} found none better` };
  const growth = corpus.tokens / Math.max(1, chosen.corpus.tokens);
  if (growth > MOST_GROWTH || growth < 1 / MOST_GROWTH) {
    const sizes = `${chosen.corpus.tokens} tokens, now ${corpus.tokens}`;
    return { base: undefined, from: `the defaults: what was tuned on ${day} was for another corpus (${sizes})` };
  }
  if (given.algorithm !== undefined && given.algorithm !== chosen.settings.algorithm) {
    return { base: undefined, from: `the defaults: ${chosen.settings.algorithm} was tuned on ${day}` };
  }
  return { base: chosen.settings, from: `tuned on ${day}` };
}
