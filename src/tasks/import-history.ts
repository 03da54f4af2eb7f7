import { z } from 'zod';
import { ExpectedError } from '../base/errors.ts';
import { oneAhead } from '../base/one-ahead.ts';
import type { Json, Task, TaskContext } from '../base/task.ts';
import type { Store } from '../store/connect.ts';
import { adoptNamedTracks } from '../store/export-library.ts';
import { refreshStatistics } from '../store/history.ts';
import { recordImport } from '../store/imports.ts';
import { ensureListener } from '../store/listeners.ts';
import { type ExportFindings, type LandedHistory, landExport } from './history-landing.ts';
import { loadHistory } from './history-loading.ts';
import { TrackSettler } from './history-tracks.ts';
import { readInput } from './task-input.ts';

/** `paths`: zips, folders or single files of Spotify's privacy export, absolute or relative to the working folder. */
export type ImportHistoryInput = { readonly paths: string[] };

export interface ImportHistoryDeps {
  readonly store: Store;
  readonly dataDir: string;
  /** Name of the listener whose export it is. */
  readonly listener: string;
}

const inputSchema = z.strictObject({ paths: z.array(z.string().min(1)).min(1) });

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
    async run(input, context) {
      const { paths } = readInput('import-history', inputSchema, input);
      const listenerId = await ensureListener(store.db, listener);
      const loader = { store, dataDir, listenerId, tracks: new TrackSettler(listenerId) };
      const findings: ExportFindings = { ignored: {}, unknown: [], problems: [], rows: 0, isComplete: false };
      const files: FileReport[] = [];
      const merged = { mergedWithPolled: 0, gapsFilled: 0 };
      let done = 0;
      // While the database takes one file on its thread, the next is being read on this one.
      for await (const landed of oneAhead(landExport(paths, dataDir, listener, findings, context))) {
        const onRows = (rows: number) => {
          const total = findings.isComplete ? { total: findings.rows } : {};
          context.progress({ label: landed.header.source, done: done + rows, unit: 'rows', ...total });
        };
        const { counts } = await loadHistory(loader, landed.rawPath, onRows, context);
        done += landed.rows;
        merged.mergedWithPolled += counts.mergedWithPolled;
        merged.gapsFilled += counts.gapsFilled;
        files.push(await recordFile(store, landed, counts, context));
      }
      if (files.length === 0) throw notAnExport(paths, findings);
      await adoptNamedTracks(store.db, listenerId);
      if (files.some(({ stored }) => stored > 0)) await refreshStatistics(store.db);
      await store.flush();
      return {
        plays: { ...sum(files.filter(({ format }) => format.endsWith('-history'))), ...merged },
        likedSongs: sum(files.filter(({ format }) => format === 'account-library')),
        playlistItems: sum(files.filter(({ format }) => format === 'account-playlists')),
        files,
        ignoredFiles: findings.ignored,
        problems: findings.problems,
      } satisfies Json;
    },
  };
}

async function recordFile(
  store: Store,
  { header, fingerprint, rawPath, skipped: damage }: LandedHistory,
  counts: Accounts,
  { clock, log }: Pick<TaskContext, 'clock' | 'log'>,
): Promise<FileReport> {
  const { source: name, format } = header;
  const lost = Object.values(damage).reduce((total, times) => total + times, 0);
  const { stored, alreadyThere } = counts;
  const accounts = { read: counts.read + lost, stored, alreadyThere, skipped: { ...counts.skipped, ...damage } };
  const record = { task: 'import-history', sourceName: name, format, fingerprint, rawPath, ...accounts };
  await recordImport(store.db, record, clock.now());
  log.info(`${name}: ${accounts.read} rows, ${stored} new`, accounts);
  return { name, format, ...accounts };
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

function notAnExport(paths: readonly string[], { unknown, ignored, problems }: ExportFindings): ExpectedError {
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
