import { ExpectedError } from '../base/errors.ts';
import { openSource } from '../base/source-files.ts';
import type { Json, Task, TaskContext } from '../base/task.ts';
import { detectExport } from '../spotify/export-reader.ts';
import type { Store } from '../store/connect.ts';
import { adoptNamedTracks } from '../store/export-library.ts';
import { recordImport } from '../store/imports.ts';
import { ensureListener } from '../store/listeners.ts';
import { landHistory } from './history-landing.ts';
import { loadHistory } from './history-loading.ts';

/** `paths`: zips, folders or single files of Spotify's privacy export, absolute or relative to the working folder. */
export type ImportHistoryInput = { readonly paths: string[] };

export interface ImportHistoryDeps {
  readonly store: Store;
  readonly dataDir: string;
  /** Name of the listener whose export it is. */
  readonly listener: string;
}

/** A file of the export, as the output shows it. */
type FileReport = { name: string; format: string } & Accounts;
type Accounts = { read: number; stored: number; alreadyThere: number; skipped: Record<string, number> };

/**
 * Imports Spotify's privacy export, extended history or account data, as it was downloaded. No call to Spotify. Every
 * row is on the disk before it is loaded, without addresses and devices of people.
 *
 * Throws ExpectedError `not-a-spotify-export` when no file is one, and what openSource and the raw landing throw.
 */
export function importHistory({ store, dataDir, listener }: ImportHistoryDeps): Task<ImportHistoryInput> {
  return {
    name: 'import-history',
    summary: "Reads Spotify's privacy export: plays, liked songs and playlists.",
    timeoutMs: 60 * 60_000,
    maxAttempts: 3,
    async run({ paths }, context) {
      const listenerId = await ensureListener(store.db, listener);
      const files: FileReport[] = [];
      const ignored: Record<string, number> = {};
      const problems: string[] = [];
      const unknown: string[] = [];
      let mergedWithPolled = 0;
      let gapsFilled = 0;
      const onProblem = (name: string, problem: ExpectedError) => {
        problems.push(`${name}: ${problem.why}`);
        context.log.warn(problem.message, { why: problem.why, hint: problem.hint });
      };
      for (const path of paths) {
        for await (const file of openSource(path, { onProblem })) {
          context.signal.throwIfAborted();
          const found = await detectExport(file);
          if ('unknown' in found) unknown.push(file.name);
          if (!('format' in found)) {
            const reason = 'ignored' in found ? found.ignored : found.unknown;
            ignored[reason] = (ignored[reason] ?? 0) + 1;
            continue;
          }
          const landed = await landHistory(dataDir, listener, file, found.format, context);
          const { counts } = await loadHistory({ store, dataDir, listenerId }, landed.rawPath, landed.rows, context);
          const { read, skipped } = withDamage(counts, landed.skipped);
          const { stored, alreadyThere } = counts;
          mergedWithPolled += counts.mergedWithPolled;
          gapsFilled += counts.gapsFilled;
          files.push({ name: file.name, format: found.format, read, stored, alreadyThere, skipped });
          const { fingerprint, rawPath } = landed;
          const record = { task: 'import-history', sourceName: file.name, format: found.format, fingerprint, rawPath };
          await recordImport(store.db, { ...record, read, stored, alreadyThere, skipped }, context.clock.now());
        }
      }
      if (files.length === 0) throw notAnExport(paths, unknown, ignored, problems);
      await adoptNamedTracks(store.db, listenerId);
      await store.flush();
      report(context, files);
      return {
        plays: { ...sum(files.filter(({ format }) => format.endsWith('-history'))), mergedWithPolled, gapsFilled },
        likedSongs: sum(files.filter(({ format }) => format === 'account-library')),
        playlistItems: sum(files.filter(({ format }) => format === 'account-playlists')),
        files,
        ignoredFiles: ignored,
        problems,
      } satisfies Json;
    },
  };
}

function withDamage(
  counts: Accounts,
  damage: Readonly<Record<string, number>>,
): { read: number; skipped: Record<string, number> } {
  const lost = Object.values(damage).reduce((total, times) => total + times, 0);
  return { read: counts.read + lost, skipped: { ...counts.skipped, ...damage } };
}

function sum(files: readonly Accounts[]): Accounts {
  const total: Accounts = { read: 0, stored: 0, alreadyThere: 0, skipped: {} };
  for (const { read, stored, alreadyThere, skipped } of files) {
    total.read += read;
    total.stored += stored;
    total.alreadyThere += alreadyThere;
    for (const [reason, times] of Object.entries(skipped)) total.skipped[reason] = (total.skipped[reason] ?? 0) + times;
  }
  return total;
}

function report({ log }: TaskContext, files: readonly FileReport[]): void {
  for (const { name, ...accounts } of files)
    log.info(`${name}: ${accounts.read} rows, ${accounts.stored} new`, accounts);
}

function notAnExport(
  paths: readonly string[],
  unknown: readonly string[],
  ignored: Readonly<Record<string, number>>,
  problems: readonly string[],
): ExpectedError {
  const seen = Object.entries(ignored).map(([reason, times]) => `${times} × ${reason}`);
  const found = [...problems.slice(0, 1), ...unknown.slice(0, 3).map((name) => `${name} is not from Spotify`), ...seen];
  return new ExpectedError(
    'not-a-spotify-export',
    `There is no listening history in ${paths.join(', ') || 'nothing'}`,
    {
      why: `What is there: ${found.join('; ') || 'no file'}.`,
      hint: 'Pass the zip from https://www.spotify.com/account/privacy/ ("Extended streaming history"); other playlist files go to `segue import-playlists`.',
    },
  );
}
