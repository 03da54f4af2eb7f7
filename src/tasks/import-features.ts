import { basename, resolve } from 'node:path';
import { ExpectedError } from '../base/errors.ts';
import { openSource, type SourceFile } from '../base/source-files.ts';
import type { Task, TaskContext, TaskOutput } from '../base/task.ts';
import { turnTaker } from '../corpus/breathing.ts';
import { detectFeatureTable, type FeatureRow, readFeatureTable } from '../corpus/feature-csv.ts';
import { fingerprintSource } from '../corpus/source-fingerprint.ts';
import type { Store } from '../store/connect.ts';
import { findImport } from '../store/corpus-inputs.ts';
import { saveFeatures } from '../store/features.ts';
import { recordImport } from '../store/imports.ts';
import { findTracks, saveTracks } from '../store/tracks.ts';
import { pathsInput, readInput } from './task-input.ts';

export interface ImportFeaturesDeps {
  readonly store: Store;
  /** Read when the input names none. */
  readonly defaultPaths: readonly string[];
}

export type ImportFeaturesInput = { readonly paths?: string[] } | null;

// Rows a transaction: the first are visible soon, and a stop loses little.
const BATCH = 5_000;

/** Reads audio features from CSV tables into the database. read = stored + already there + skipped. */
export function importFeatures(deps: ImportFeaturesDeps): Task<ImportFeaturesInput> {
  return {
    name: 'import-features',
    summary: 'Reads audio features (danceability, energy, tempo…) from CSV files.',
    timeoutMs: 30 * 60_000,
    maxAttempts: 3,
    run: async (input, context) =>
      run(deps, readInput('import-features', pathsInput, input).paths ?? deps.defaultPaths, context),
  };
}

async function run({ store }: ImportFeaturesDeps, paths: readonly string[], context: TaskContext): Promise<TaskOutput> {
  if (paths.length === 0) return { skipped: 'No audio-feature files were named.' };
  const total = { read: 0, stored: 0, alreadyThere: 0, skipped: {} as Record<string, number> };
  for (const path of paths.map((path) => resolve(path))) {
    let tables = 0;
    for await (const file of openSource(path)) {
      const source = detectFeatureTable((await file.head(16 * 1024)).toString('utf8'));
      if (source === undefined) continue;
      tables++;
      const counts = await importTable(store, path, file, source, context);
      total.read += counts.read;
      total.stored += counts.stored;
      total.alreadyThere += counts.alreadyThere;
      for (const [reason, count] of Object.entries(counts.skipped))
        total.skipped[reason] = (total.skipped[reason] ?? 0) + count;
    }
    if (tables === 0) {
      throw new ExpectedError('no-features', `No audio features were found in ${path}`, {
        why: 'No file there is a CSV table with columns such as danceability, energy and tempo.',
        hint: 'Pass a table with the columns of TidyTuesday 2020-01-21 or of Kaggle\u2019s spotify-tracks-dataset.',
      });
    }
  }
  return total;
}

interface TableCounts {
  read: number;
  stored: number;
  alreadyThere: number;
  readonly skipped: Record<string, number>;
}

async function importTable(
  store: Store,
  path: string,
  file: SourceFile,
  source: string,
  context: TaskContext,
): Promise<TableCounts> {
  const fingerprint = `${await fingerprintSource(path, '1', context.signal)}-${file.name}`;
  const before = await findImport(store.db, 'import-features', fingerprint);
  if (before) {
    const left = Object.values(before.skipped).reduce((sum, count) => sum + count, 0);
    return { read: before.read, stored: 0, alreadyThere: before.read - left, skipped: before.skipped };
  }
  const counts: TableCounts = { read: 0, stored: 0, alreadyThere: 0, skipped: {} };
  const skip = (reason: string) => {
    counts.skipped[reason] = (counts.skipped[reason] ?? 0) + 1;
  };
  const seen = new Set<string>();
  let batch: FeatureRow[] = [];
  const save = async () => {
    const added = await saveBatch(store, source, batch);
    counts.stored += added;
    counts.alreadyThere += batch.length - added;
    batch = [];
    context.progress({ label: 'Reading audio features', done: counts.read, unit: 'rows' });
  };
  const breathe = turnTaker(context.signal);
  const noteProblem = (name: string, why: string) =>
    context.log.warn('A file could not be read whole.', { file: name, why });
  for await (const row of readFeatureTable(file, noteProblem)) {
    counts.read++;
    if ('skipped' in row) skip(row.skipped);
    // Kaggle's table has a track once for each genre: 114,000 rows, 89,741 tracks.
    else if (seen.has(row.trackId)) skip('same track again');
    else {
      seen.add(row.trackId);
      batch.push(row);
      if (batch.length === BATCH) await save();
    }
    await breathe();
  }
  await save();
  const { read, stored, alreadyThere, skipped } = counts;
  await recordImport(
    store.db,
    {
      task: 'import-features',
      sourceName: basename(file.name),
      format: source,
      fingerprint,
      read,
      stored,
      alreadyThere,
      skipped,
    },
    context.clock.now(),
  );
  return counts;
}

/** Stores features, and the tracks that the database does not know yet. */
async function saveBatch(store: Store, source: string, rows: readonly FeatureRow[]): Promise<number> {
  if (rows.length === 0) return 0;
  return await store.transaction(async (transaction) => {
    const known = await findTracks(
      transaction,
      rows.map(({ trackId }) => trackId),
    );
    const unknown = rows.filter(({ trackId }) => !known.has(trackId));
    await saveTracks(
      transaction,
      unknown.map((row) => ({ ...row, id: row.trackId })),
    );
    // A track that Spotify replaced keeps its features under the id that took its place.
    return await saveFeatures(
      transaction,
      source,
      rows.map((row) => ({ ...row, trackId: known.get(row.trackId)?.id ?? row.trackId })),
    );
  });
}
