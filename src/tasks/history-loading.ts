import { join } from 'node:path';
import { ExpectedError } from '../base/errors.ts';
import { oneAhead } from '../base/one-ahead.ts';
import { readRaw } from '../base/raw-landing.ts';
import type { TaskContext } from '../base/task.ts';
import { MERGE_REACH_MS } from '../music/play.ts';
import { type ExportTrack, readLibraryTrack, readPlaylist } from '../spotify/export-account.ts';
import { mergeHistory } from '../spotify/export-merge.ts';
import { type ExportFormat, readHistoryRow } from '../spotify/export-reader.ts';
import type { HistoryPlay } from '../spotify/export-row.ts';
import type { Store } from '../store/connect.ts';
import { saveExportLikes, saveExportPlaylist } from '../store/export-library.ts';
import { findPlaysNear, insertHistory, lockPlays, updateHistory } from '../store/history.ts';
import { fillGaps, type Gap, openGaps } from '../store/play-gaps.ts';
import { settlePolled } from '../store/settle-polled.ts';
import type { RawHistoryHeader } from './history-landing.ts';
import type { TrackSettler } from './history-tracks.ts';

/** What became of a file's rows: `read` = `stored` + `alreadyThere` + all of `skipped`. */
export interface HistoryCounts {
  read: number;
  stored: number;
  alreadyThere: number;
  /** Of those already there: polled plays that now have their length. */
  mergedWithPolled: number;
  gapsFilled: number;
  skipped: Record<string, number>;
}

export interface HistoryDeps {
  readonly store: Store;
  readonly dataDir: string;
  readonly listenerId: number;
  /** One for all files of an import: it remembers which tracks are stored. */
  readonly tracks: TrackSettler;
}

type Context = Pick<TaskContext, 'signal' | 'clock'>;

interface Loading extends HistoryDeps {
  readonly now: Date;
  readonly counts: HistoryCounts;
  /** Open gaps before this file, and the ends of plays that bear on them. */
  readonly gaps: readonly Gap[];
  readonly nearGaps: Date[];
  readonly playlistNames: Map<string, number>;
}

/**
 * Loads a file of the raw landing (a history, playlists or liked songs, as its first line says) into the store, in one
 * transaction for each batch of about 5,000 rows. Loading it again changes nothing. `onRows` hears how many were read.
 */
export async function loadHistory(
  deps: HistoryDeps,
  rawPath: string,
  onRows: (rows: number) => void,
  context: Context,
): Promise<{ header: RawHistoryHeader; counts: HistoryCounts }> {
  const counts = { read: 0, stored: 0, alreadyThere: 0, mergedWithPolled: 0, gapsFilled: 0, skipped: {} };
  const loading: Loading = {
    ...deps,
    now: context.clock.now(),
    counts,
    gaps: await openGaps(deps.store.db, deps.listenerId),
    nearGaps: [],
    playlistNames: new Map(),
  };
  let header: RawHistoryHeader | undefined;
  const batches = readRaw(join(deps.dataDir, rawPath), () => count(loading, 'torn', 1));
  for await (const batch of oneAhead(batches)) {
    context.signal.throwIfAborted();
    header ??= headerOf(batch.shift(), rawPath);
    await LOAD[header.format](loading, batch, header.format);
    onRows(counts.read);
  }
  if (loading.nearGaps.length > 0) {
    await fillGaps(deps.store.db, deps.listenerId, loading.nearGaps, loading.now);
    counts.gapsFilled = loading.gaps.length - (await openGaps(deps.store.db, deps.listenerId)).length;
  }
  return { header: header ?? headerOf(undefined, rawPath), counts };
}

type LoadRows = (loading: Loading, rows: readonly unknown[], format: ExportFormat) => Promise<void>;

const LOAD: Record<ExportFormat, LoadRows> = {
  'extended-history': loadPlays,
  'account-history': loadPlays,
  'account-library': loadLikes,
  'account-playlists': loadPlaylists,
};

function headerOf(row: unknown, rawPath: string): RawHistoryHeader {
  const header = row as RawHistoryHeader | undefined;
  if (header?.raw === 1 && Object.hasOwn(LOAD, header.format)) return header;
  throw new ExpectedError('raw-damaged', `Cannot load ${rawPath}`, {
    why: 'Its first line is not that of a raw history file of this version.',
    hint: 'Bring it back from a backup; or remove it and import its source again.',
  });
}

async function loadPlays(loading: Loading, rows: readonly unknown[], format: ExportFormat): Promise<void> {
  const plays: HistoryPlay[] = [];
  for (const raw of rows) {
    const row = readHistoryRow(format as 'extended-history' | 'account-history', raw, loading.now);
    if ('play' in row) plays.push(row.play);
    else count(loading, row.skip, 1);
  }
  const { store, listenerId, counts } = loading;
  const { inserts, mergedWithPolled } = await store.transaction(async (db) => {
    await lockPlays(db, listenerId);
    const settled = await loading.tracks.settle(db, plays);
    const times = settled.map(({ endedAt }) => endedAt);
    const near = await findPlaysNear(db, listenerId, times, MERGE_REACH_MS);
    const merge = mergeHistory(settled, near);
    await updateHistory(db, merge.updates);
    const inserts = await insertHistory(db, listenerId, merge.inserts);
    // Polls that this file has not merged may belong to plays it brought; only tracks polled nearby can be meant.
    const polled = near.filter(({ wasPolled }) => wasPolled).map(({ trackId }) => trackId);
    if (polled.length > 0) await settlePolled(db, listenerId, new Set(polled), []);
    return { inserts, mergedWithPolled: merge.mergedWithPolled };
  });
  noteNearGaps(loading, plays);
  counts.read += plays.length;
  counts.stored += inserts;
  counts.alreadyThere += plays.length - inserts;
  counts.mergedWithPolled += mergedWithPolled;
}

/** Keeps the plays in and around open gaps: the first and last of each batch, and all in between a gap's ends. */
function noteNearGaps({ gaps, nearGaps }: Loading, plays: readonly HistoryPlay[]): void {
  if (gaps.length === 0) return;
  const times = plays.map(({ endedAt }) => endedAt).sort((a, b) => a.getTime() - b.getTime());
  const isInGap = (at: Date) => gaps.some((gap) => at >= gap.newestStoredAt && at <= gap.oldestFetchedAt);
  nearGaps.push(...times.slice(0, 1), ...times.slice(-1), ...times.filter(isInGap));
}

async function loadLikes(loading: Loading, rows: readonly unknown[]): Promise<void> {
  const tracks: ExportTrack[] = [];
  for (const raw of rows) {
    const row = readLibraryTrack(raw);
    if ('track' in row) tracks.push(row.track);
    else count(loading, row.skip, 1);
  }
  const { store, listenerId, counts } = loading;
  const stored = await store.transaction(async (db) => {
    const settled = await loading.tracks.settle(db, tracks);
    return await saveExportLikes(
      db,
      listenerId,
      settled.map(({ trackId }) => trackId),
    );
  });
  counts.read += tracks.length;
  counts.stored += stored;
  counts.alreadyThere += tracks.length - stored;
}

async function loadPlaylists(loading: Loading, rows: readonly unknown[]): Promise<void> {
  const { store, listenerId, counts } = loading;
  for (const raw of rows) {
    const row = readPlaylist(raw);
    if ('skip' in row) {
      count(loading, row.skip, 1);
      continue;
    }
    const { playlist } = row;
    for (const [reason, times] of Object.entries(playlist.skipped)) count(loading, reason, times);
    // Playlists of one name are told apart by their order, which the export keeps.
    const sameName = (loading.playlistNames.get(playlist.name) ?? 0) + 1;
    loading.playlistNames.set(playlist.name, sameName);
    const name = sameName === 1 ? playlist.name : `${playlist.name} (${sameName})`;
    const stored = await store.transaction(async (db) => {
      const items = await loading.tracks.settle(db, playlist.tracks);
      return await saveExportPlaylist(db, listenerId, { ...playlist, name, items }, loading.now);
    });
    counts.read += playlist.tracks.length;
    counts.stored += stored;
    counts.alreadyThere += playlist.tracks.length - stored;
  }
}

function count({ counts }: Loading, reason: string, times: number): void {
  counts.read += times;
  counts.skipped[reason] = (counts.skipped[reason] ?? 0) + times;
}
