import { createHash } from 'node:crypto';
import { basename, join } from 'node:path';
import { z } from 'zod';
import { ExpectedError } from '../base/errors.ts';
import type { Json, Task, TaskContext, TaskOutput } from '../base/task.ts';
import { openCorpus } from '../corpus/corpus-file.ts';
import { fingerprintSource } from '../corpus/source-fingerprint.ts';
import type { Vocabulary } from '../corpus/vocabulary.ts';
import { catalogueFiles } from '../recommend/catalogue-file.ts';
import type { Store } from '../store/connect.ts';
import { latestCorpus } from '../store/corpora.ts';
import { saveModel } from '../store/models.ts';
import { writeModel } from '../vectors/model-file.ts';
import { modelFingerprint } from '../vectors/model-manifest.ts';
import { readTokenCounts } from '../vectors/token-counts.ts';
import { readVectorTable, type VectorTable } from '../vectors/vector-table.ts';
import { gatherRows, type ImportedRows } from './import-vectors-rows.ts';
import { findTokenTracks, type TokenTracks } from './import-vectors-tracks.ts';
import { removeOldModels } from './remove-old-folders.ts';
import { readInput } from './task-input.ts';

export interface ImportVectorsDeps {
  readonly store: Store;
  readonly dataDir: string;
}

const inputSchema = z.strictObject({
  /** Of word2vec's text or binary format. */
  path: z.string().min(1),
  format: z.enum(['word2vec-text', 'word2vec-binary']).optional(),
  /** Only for a binary file without a first line. */
  dimensions: z.int().min(1).max(65_536).optional(),
  /** A second file with the output vectors (gensim's `syn1neg`) of the same tokens. */
  outputVectors: z.string().min(1).optional(),
  /** A vocabulary file with the occurrences of each token. */
  counts: z.string().min(1).optional(),
  /** What the model is called; the file's name where absent. */
  name: z.string().min(1).max(200).optional(),
});

/** As on the command line: `path`, `format`, `dimensions`, `outputVectors`, `counts`, `name`. */
export type ImportVectorsInput = { readonly [name: string]: Json } | null;

/**
 * Makes a model of song vectors that another program trained; it is the one in use from then on. Tokens are Spotify ids,
 * URIs or links, or artist and title in either order of a track that the training corpus or the database knows; the rest
 * is left out and counted. Throws ExpectedError `no-track-found`, `vectors-differ` (the output vectors do not fit) and
 * what reading the files and writing a model throw.
 */
export function importVectors(deps: ImportVectorsDeps): Task<ImportVectorsInput> {
  return {
    name: 'import-vectors',
    summary: 'Reads song vectors that another program trained.',
    timeoutMs: 4 * 60 * 60_000,
    maxAttempts: 2,
    run: (input, context) => run(deps, readInput('import-vectors', inputSchema, input), context),
  };
}

async function run(
  { store, dataDir }: ImportVectorsDeps,
  { path, outputVectors, counts, name = basename(path), ...shape }: z.output<typeof inputSchema>,
  context: TaskContext,
): Promise<TaskOutput> {
  const input = await readVectorTable(path, shape, context);
  const output = outputVectors === undefined ? undefined : await readVectorTable(outputVectors, shape, context);
  const countOf = counts === undefined ? undefined : await readTokenCounts(counts, context.signal);
  const corpus = await latestCorpus(store.db, 'training');
  const found = await findTokenTracks(input.tokens, await vocabularyOf(dataDir, corpus?.path), store, context);
  if (found.byId + found.byName === 0) throw noTrackFound(path, input, found);
  const rows = gatherRows(input, found.tracks, output, countOf);
  if (rows.tracks.length === 0) throw vectorsDiffer(`None of its tokens is one of ${path}.`, outputVectors!);

  const fingerprint = await fingerprintFiles([path, outputVectors, counts], context.signal);
  const settings = {
    name,
    format: input.shape.format,
    output: output === undefined ? 'input, scaled to length 1' : basename(outputVectors!),
    counts: counts === undefined ? 'unknown' : basename(counts),
  };
  const report = describe(input, found, rows);
  const modelName = modelFingerprint({ settings, trainer: 'imported' }, fingerprint);
  const folder = `models/${modelName}`;
  await writeModel(
    join(dataDir, folder),
    rows.model,
    { settings, trainer: 'imported', corpus: { fingerprint, name }, metrics: report },
    await catalogueFiles(rows.tracks),
  );
  const { dimensions } = input.shape;
  await saveModel(store.db, {
    corpusId: null,
    algorithm: 'imported',
    fingerprint: modelName,
    path: folder,
    vocabulary: rows.tracks.length,
    dimensions,
    settings,
    metrics: report,
    createdAt: context.clock.now(),
  });
  await removeOldModels(store, dataDir, folder, context);
  return {
    model: modelName,
    name,
    format: settings.format,
    dimensions,
    vocabulary: rows.tracks.length,
    output: settings.output,
    ...report,
  };
}

async function vocabularyOf(dataDir: string, corpus: string | undefined): Promise<Vocabulary | undefined> {
  return corpus === undefined ? undefined : await (await openCorpus(join(dataDir, corpus))).readVocabulary();
}

function describe(input: VectorTable, found: TokenTracks, rows: ImportedRows): { [name: string]: Json } {
  const noOutput: Record<string, number> = rows.withoutOutput > 0 ? { 'no-output-vector': rows.withoutOutput } : {};
  return {
    read: input.tally.read,
    kept: rows.tracks.length,
    foundById: found.byId,
    foundByName: found.byName,
    withoutTitle: found.withoutTitle,
    withoutCount: rows.withoutCount,
    skipped: { ...input.tally.unusable, ...found.left, ...noOutput } as Record<string, number>,
    examples: Object.fromEntries(Object.entries(found.examples).map(([reason, tokens]) => [reason, [...tokens]])),
  };
}

async function fingerprintFiles(paths: readonly (string | undefined)[], signal: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  for (const path of paths) hash.update(path === undefined ? '-' : await fingerprintSource(path, '', signal));
  return hash.digest('hex').slice(0, 32);
}

function noTrackFound(path: string, { tokens }: VectorTable, { left }: TokenTracks): ExpectedError {
  const areNames = left['artist-and-title-not-known'] !== undefined;
  return new ExpectedError('no-track-found', `None of the tokens of ${path} names a track`, {
    why: `Its ${tokens.length} tokens are no Spotify ids${areNames ? ', and no artists and titles that are known here' : ''}; for example ${tokens
      .slice(0, 3)
      .map((token) => JSON.stringify(token.slice(0, 60)))
      .join(', ')}.`,
    hint: areNames
      ? 'Import playlists or your history with these songs first (segue import-playlists, segue build-corpus), then import the vectors again.'
      : 'Tokens can be Spotify ids, URIs or links, or "artist - title" (with underscores for blanks, too).',
  });
}

function vectorsDiffer(why: string, path: string): ExpectedError {
  return new ExpectedError('vectors-differ', `The output vectors of ${path} do not fit the input vectors`, {
    why,
    hint: 'Both must be of one model, with the same tokens: docs/vectors.md has the lines of Python that write them.',
  });
}
