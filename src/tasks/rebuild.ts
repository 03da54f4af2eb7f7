import { join } from 'node:path';
import type { Clock } from '../base/clock.ts';
import { ExpectedError } from '../base/errors.ts';
import { readRaw } from '../base/raw-landing.ts';
import type { TaskContext } from '../base/task.ts';
import { countPlays, emptyCollected } from '../store/collected.ts';
import type { Store } from '../store/connect.ts';
import { adoptNamedTracks } from '../store/export-library.ts';
import { readImportTimes } from '../store/imports.ts';
import { ensureListener } from '../store/listeners.ts';
import type { RawHistoryHeader } from './history-landing.ts';
import { loadHistory } from './history-loading.ts';
import { TrackSettler } from './history-tracks.ts';
import { type LandedRecord, landedInOrder } from './landed-records.ts';
import { loadLibrary } from './load-library.ts';
import { loadPlays } from './load-plays.ts';

export interface Rebuilt {
  /** Plays in the database before and after. */
  readonly playsBefore: number;
  readonly plays: number;
  /** What was loaded: answers of recently-played, looks at the library, files of exports. */
  readonly polls: number;
  readonly libraryParts: number;
  readonly historyFiles: number;
  /** Lines of the raw landing that are no records, such as one that a power cut tore. */
  readonly unreadable: number;
}

type Context = Pick<TaskContext, 'signal' | 'progress' | 'clock' | 'log'>;

/**
 * Makes plays, gaps and the library again from the raw landing, for every listener in it, in one transaction: cut off
 * at any point, the database is what it was. Nothing else may be at work on it. Accounts, editions, publications, models,
 * audio features and runs stay.
 *
 * Throws ExpectedError `rebuild-would-lose` when fewer plays would be there than before (a raw folder that is not
 * complete), unless `allowFewer`; the database is unchanged then.
 */
export async function rebuild(
  { store, dataDir, allowFewer = false }: { store: Store; dataDir: string; allowFewer?: boolean },
  context: Context,
): Promise<Rebuilt> {
  return await store.transaction(async (db) => {
    const inside: Store = { ...store, db, transaction: (work) => work(db) };
    const imported = await readImportTimes(db);
    const { plays: playsBefore } = await emptyCollected(db);
    const counts = { polls: 0, libraryParts: 0, historyFiles: 0, unreadable: 0 };
    const loader = new RecordLoader(inside, dataDir, context);
    const records = landedInOrder(dataDir, imported, () => counts.unreadable++);
    for await (const record of records) {
      context.signal.throwIfAborted();
      await loader.load(record);
      counts[COUNTED[record.kind]]++;
      const done = counts.polls + counts.libraryParts + counts.historyFiles;
      context.progress({ label: 'Loading what has landed', done, unit: 'records' });
    }
    await loader.finish();
    const plays = await countPlays(db);
    if (plays < playsBefore && !allowFewer) throw wouldLose(playsBefore, plays, dataDir);
    return { playsBefore, plays, ...counts };
  });
}

const COUNTED = { plays: 'polls', library: 'libraryParts', history: 'historyFiles' } as const;

/** Loads records the way they were loaded first, at the time at which they were. */
class RecordLoader {
  readonly #store: Store;
  readonly #dataDir: string;
  readonly #context: Context;
  readonly #listeners = new Map<string, number>();
  /** Of listeners whose last record was a history: an import has one settler, and ends by settling names. */
  readonly #importing = new Map<number, TrackSettler>();

  constructor(store: Store, dataDir: string, context: Context) {
    this.#store = store;
    this.#dataDir = dataDir;
    this.#context = context;
  }

  async load(landed: LandedRecord): Promise<void> {
    if (landed.kind === 'history') return await this.#loadHistory(landed.rawPath, landed.at);
    const listenerId = await this.#listener(landed.record.listener);
    await this.#endImport(listenerId);
    if (landed.kind === 'plays') await loadPlays(this.#store.db, listenerId, landed.record);
    else await loadLibrary(this.#store.db, listenerId, landed.record);
  }

  async finish(): Promise<void> {
    for (const listenerId of [...this.#importing.keys()]) await this.#endImport(listenerId);
  }

  async #loadHistory(rawPath: string, at: Date): Promise<void> {
    const listenerId = await this.#listener(await listenerOf(join(this.#dataDir, rawPath)));
    const tracks = this.#importing.get(listenerId) ?? new TrackSettler(listenerId);
    this.#importing.set(listenerId, tracks);
    const deps = { store: this.#store, dataDir: this.#dataDir, listenerId, tracks };
    const onRows = (done: number) => this.#context.progress({ label: 'Loading an export', done, unit: 'rows' });
    await loadHistory(deps, rawPath, onRows, { ...this.#context, clock: standingAt(at) });
  }

  async #endImport(listenerId: number): Promise<void> {
    if (this.#importing.delete(listenerId)) await adoptNamedTracks(this.#store.db, listenerId);
  }

  async #listener(name: string): Promise<number> {
    const known = this.#listeners.get(name);
    if (known !== undefined) return known;
    const id = await ensureListener(this.#store.db, name);
    this.#listeners.set(name, id);
    return id;
  }
}

/** The listener whom a raw history file names in its first line. Throws ExpectedError `raw-damaged`. */
async function listenerOf(path: string): Promise<string> {
  for await (const [header] of readRaw(path)) {
    const { listener } = header as Partial<RawHistoryHeader>;
    if (typeof listener === 'string') return listener;
    break;
  }
  throw new ExpectedError('raw-damaged', `Cannot load ${path}.`, {
    why: 'Its first line does not say whose history it is.',
    hint: 'Bring it back from a backup, or remove it and import its source again. Nothing was changed.',
  });
}

/** A clock for loading what was loaded at `at`: rows of the future stay such, and times of storing stay as they were. */
function standingAt(at: Date): Clock {
  return {
    now: () => at,
    sleep: async () => {
      throw new Error('nothing waits while loading');
    },
  };
}

function wouldLose(before: number, after: number, dataDir: string): ExpectedError {
  return new ExpectedError('rebuild-would-lose', 'The database was not rebuilt: plays would be missing.', {
    why: `It holds ${before} plays and ${dataDir} gives only ${after}; some raw files are not there or not whole.`,
    hint: 'Nothing was changed. Bring the raw folder back from a backup; or accept the loss with `segue rebuild --allow-fewer`.',
  });
}
