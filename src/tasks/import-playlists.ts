import { existsSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { ExpectedError, isExpected } from '../base/errors.ts';
import type { Task, TaskContext, TaskOutput } from '../base/task.ts';
import { CorpusWriter } from '../corpus/corpus-writer.ts';
import type { PlaylistFormat } from '../corpus/playlist-format.ts';
import { playlistFormats } from '../corpus/playlist-formats.ts';
import { readPlaylists, type SurveyedSource, surveySource } from '../corpus/playlist-source.ts';
import { fingerprintSource } from '../corpus/source-fingerprint.ts';
import type { Store } from '../store/connect.ts';
import { saveCorpus } from '../store/corpora.ts';
import { findImport } from '../store/corpus-inputs.ts';
import { recordImport } from '../store/imports.ts';
import { corpusRow, newestSources, provenanceOf } from './corpus-rows.ts';
import { pathsInput, readInput } from './task-input.ts';

// Raised when a reader changes what it makes of a file, so that files read before are read again.
const READERS_VERSION = 2;

export interface ImportPlaylistsDeps {
  readonly store: Store;
  readonly dataDir: string;
  /** Read when the input names none. */
  readonly defaultPaths: readonly string[];
}

/** Files, folders and zips; absent: the default ones. */
export type ImportPlaylistsInput = { readonly paths?: string[] } | null;

/** One format found under one path. read = kept + alreadyThere + the sum of skipped. */
interface SourceAccount {
  readonly source: string;
  readonly corpus: string;
  readonly format: string;
  readonly read: number;
  readonly kept: number;
  readonly alreadyThere: number;
  readonly skipped: Record<string, number>;
  readonly trackNotes: Record<string, number>;
  readonly problems: string[];
}

/** Reads playlist files into corpora, one for each format in each path. The same content again is not read again. */
export function importPlaylists(deps: ImportPlaylistsDeps): Task<ImportPlaylistsInput> {
  return {
    name: 'import-playlists',
    summary: 'Reads playlist files of any known format and keeps them as corpora.',
    timeoutMs: 60 * 60_000,
    maxAttempts: 3,
    run: async (input, context) =>
      run(deps, readInput('import-playlists', pathsInput, input).paths ?? deps.defaultPaths, context),
  };
}

async function run(deps: ImportPlaylistsDeps, paths: readonly string[], context: TaskContext): Promise<TaskOutput> {
  const sources: SourceAccount[] = [];
  const failures: ExpectedError[] = [];
  for (const path of paths) {
    try {
      sources.push(...(await importPath(deps, resolve(path), context)));
    } catch (error) {
      // One path that cannot be read must not cost the others; it still fails the task, at the end.
      if (!isExpected(error)) throw error;
      failures.push(error);
      const { message, why, hint } = error;
      context.log.warn(message, { why, hint });
    }
  }
  if (failures.length > 0) throw failures[0];
  if (sources.length === 0) return { skipped: 'No playlist files were named.' };
  const sum = (of: (source: SourceAccount) => number) => sources.reduce((total, source) => total + of(source), 0);
  const skipped: Record<string, number> = {};
  for (const source of sources) {
    for (const [reason, count] of Object.entries(source.skipped)) skipped[reason] = (skipped[reason] ?? 0) + count;
  }
  const [read, stored, alreadyThere] = [sum((s) => s.read), sum((s) => s.kept), sum((s) => s.alreadyThere)];
  return { read, stored, alreadyThere, skipped, sources: sources.map((source) => ({ ...source })) };
}

async function importPath(deps: ImportPlaylistsDeps, path: string, context: TaskContext): Promise<SourceAccount[]> {
  const source = await surveySource(path, { signal: context.signal });
  for (const { file, why } of source.problems) context.log.warn('A file could not be read whole.', { file, why });
  if (source.formats.length === 0) {
    throw new ExpectedError('no-playlists', `No playlists were found in ${path}`, {
      why: `${source.leftAlone} files were looked at, and none is of a known format.`,
      hint: `Known are: ${playlistFormats.map(({ name }) => name).join(', ')}.`,
    });
  }
  const contents = await fingerprintSource(path, `${READERS_VERSION}`, context.signal);
  const accounts: SourceAccount[] = [];
  for (const format of source.formats) {
    accounts.push(await importFormat(deps, source, format, `${contents}-${format.name}`, context));
  }
  return accounts;
}

async function importFormat(
  { store, dataDir }: ImportPlaylistsDeps,
  source: SurveyedSource,
  format: PlaylistFormat,
  fingerprint: string,
  context: TaskContext,
): Promise<SourceAccount> {
  const corpora = await newestSources(store.db);
  const already = await findImport(store.db, 'import-playlists', fingerprint);
  const known = corpora.find((corpus) => provenanceOf(corpus).contents === fingerprint);
  const account = { source: source.path, format: format.name, trackNotes: {}, problems: [] };
  if (already && known && existsSync(join(dataDir, known.path, 'manifest.json'))) {
    const { read, skipped } = already;
    const left = Object.values(skipped).reduce((total, count) => total + count, 0);
    return { ...account, corpus: known.name, read, kept: 0, alreadyThere: read - left, skipped };
  }

  const taken = corpora.filter((corpus) => provenanceOf(corpus).path !== source.path);
  const name = corpusName(format, source.path, new Set(taken.map((corpus) => corpus.name)));
  const writer = await CorpusWriter.create(join(dataDir, 'corpora'), name);
  const total = source.bytesOf.get(format);
  let bytes = 0;
  const onBytes = (more: number) => {
    bytes += more;
    const size = total ? { total: total / 1e6 } : {};
    context.progress({ label: `Reading ${format.name}`, done: bytes / 1e6, ...size, unit: 'MB' });
  };
  let finished = false;
  try {
    const { read, kept, skipped, trackNotes, problems } = await readPlaylists(source, format, writer, {
      signal: context.signal,
      onBytes,
    });
    for (const { file, why } of problems) context.log.warn('A file could not be read whole.', { file, why });
    if (kept > 0) {
      const provenance = { path: source.path, contents: fingerprint, read, skipped, trackNotes };
      finished = true;
      const written = await writer.finish({ source: format.name, createdAt: context.clock.now(), provenance });
      await saveCorpus(store.db, corpusRow('source', written));
    }
    const sourceName = basename(source.path);
    await recordImport(
      store.db,
      {
        task: 'import-playlists',
        sourceName,
        format: format.name,
        fingerprint,
        read,
        stored: kept,
        alreadyThere: 0,
        skipped,
      },
      context.clock.now(),
    );
    return {
      ...account,
      corpus: kept > 0 ? name : '',
      read,
      kept,
      alreadyThere: 0,
      skipped,
      trackNotes,
      problems: problems.map(({ file, why }) => `${file}: ${why}`),
    };
  } finally {
    if (!finished) await writer.discard();
  }
}

/** `playlist-archive-demo`; with a number behind it when another path has that name already. */
function corpusName(format: PlaylistFormat, path: string, taken: ReadonlySet<string>): string {
  const stem = basename(path).replace(/(\.(zip|gz|json|jsonl|csv|xspf|jspf|m3u8?))+$/i, '');
  const slug = stem
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')
    .slice(0, 40);
  const name = slug === '' ? format.name : `${format.name}-${slug}`;
  for (let number = 1; ; number++) {
    const candidate = number === 1 ? name : `${name}-${number}`;
    if (!taken.has(candidate)) return candidate;
  }
}
