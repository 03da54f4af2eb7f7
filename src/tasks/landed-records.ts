import { stat } from 'node:fs/promises';
import { basename, relative } from 'node:path';
import { listRaw, readRaw } from '../base/raw-landing.ts';
import type { LandedLibrary } from './load-library.ts';
import type { LandedPlays } from './load-plays.ts';

/** One thing that landed, with the time at which it was loaded first. */
export type LandedRecord = { readonly at: Date } & (
  | { readonly kind: 'plays'; readonly record: LandedPlays }
  | { readonly kind: 'library'; readonly record: LandedLibrary }
  | { readonly kind: 'history'; readonly rawPath: string }
);

/**
 * Everything in the raw landing, in the order in which it was loaded first. `imported` says when history files were
 * (by path relative to the data folder); for others the file's own time stands. `onUnreadable` hears of each line that
 * is no record: torn by a power cut, or of a version unknown here.
 */
export async function* landedInOrder(
  dataDir: string,
  imported: ReadonlyMap<string, Date>,
  onUnreadable: () => void,
): AsyncGenerator<LandedRecord> {
  const streams: AsyncGenerator<LandedRecord>[] = [histories(dataDir, imported)];
  for (const kind of ['plays', 'library'] as const) {
    // One file for each listener and month: a listener's files follow each other, listeners go side by side.
    const byListener = Map.groupBy(await listRaw(dataDir, kind), (path) =>
      basename(path).replace(/-\d{4}-\d\d\..*$/, ''),
    );
    for (const paths of byListener.values()) streams.push(lines(kind, paths, onUnreadable));
  }
  yield* merge(streams);
}

async function* lines(
  kind: 'plays' | 'library',
  paths: readonly string[],
  onUnreadable: () => void,
): AsyncGenerator<LandedRecord> {
  for (const path of paths) {
    for await (const batch of readRaw(path, onUnreadable)) {
      for (const line of batch) {
        const { fetchedAt, listener, items } = (line ?? {}) as Partial<LandedPlays>;
        const at = new Date(fetchedAt ?? Number.NaN);
        if (Number.isNaN(at.getTime()) || typeof listener !== 'string' || !Array.isArray(items)) onUnreadable();
        else yield { at, kind, record: line } as LandedRecord;
      }
    }
  }
}

async function* histories(dataDir: string, imported: ReadonlyMap<string, Date>): AsyncGenerator<LandedRecord> {
  const files: { at: Date; rawPath: string }[] = [];
  for (const path of await listRaw(dataDir, 'history')) {
    const rawPath = relative(dataDir, path);
    files.push({ at: imported.get(rawPath) ?? (await stat(path)).mtime, rawPath });
  }
  files.sort((a, b) => a.at.getTime() - b.at.getTime() || (a.rawPath < b.rawPath ? -1 : 1));
  for (const file of files) yield { kind: 'history', ...file };
}

/** Streams that are in order each, as one that is. */
async function* merge(streams: readonly AsyncGenerator<LandedRecord>[]): AsyncGenerator<LandedRecord> {
  const heads: { stream: AsyncGenerator<LandedRecord>; record: LandedRecord }[] = [];
  const pull = async (stream: AsyncGenerator<LandedRecord>) => {
    const next = await stream.next();
    if (!next.done) heads.push({ stream, record: next.value });
  };
  try {
    for (const stream of streams) await pull(stream);
    while (heads.length > 0) {
      const first = heads.reduce((least, head) => (head.record.at < least.record.at ? head : least));
      heads.splice(heads.indexOf(first), 1);
      yield first.record;
      await pull(first.stream);
    }
  } finally {
    for (const stream of streams) await stream.return(undefined);
  }
}
