import { findChampion } from '../store/blends.ts';
import type { Store } from '../store/connect.ts';
import { countFeatures } from '../store/feature-songs.ts';
import { latestModel } from '../store/models.ts';
import { type OpenRecommenders, openRecommenders } from './open-recommenders.ts';

/** The recommenders in use, open for whoever asks next. */
export interface RecommenderKeeper {
  /**
   * Calls `work` with the champion, opened now or still open; others that ask meanwhile wait, since recommenders answer one
   * question at a time. `opened` is good until `work` ends. Throws what opening throws, and the signal's reason.
   */
  use<Result>(signal: AbortSignal, work: (opened: OpenRecommenders) => Promise<Result>): Promise<Result>;
  /** Waits for whoever uses them, and gives threads and memory back. Who asks afterwards has them opened again. */
  close(): Promise<void>;
}

export interface RecommenderFolders {
  readonly store: Store;
  readonly dataDir: string;
}

/** 2.26 million tracks and a million playlists take 5 GB: nobody wants them in memory all week for one edition. */
const KEEP_MS = 5 * 60_000;

interface Held {
  readonly key: string;
  readonly opened: OpenRecommenders;
}

/**
 * Opening takes seconds where a catalogue has millions of tracks, an answer less than one: what was opened stays for `keepMs`
 * after the last question (0: not at all), as long as the same recommenders are in use.
 */
export function keepRecommenders({ store, dataDir }: RecommenderFolders, keepMs = KEEP_MS): RecommenderKeeper {
  let held: Held | undefined;
  let turn: Promise<unknown> = Promise.resolve();
  let timer: NodeJS.Timeout | undefined;

  const letGo = async () => {
    const last = held;
    held = undefined;
    await last?.opened.recommender.close();
  };
  const inTurn = <Result>(work: () => Promise<Result>): Promise<Result> => {
    const before = turn;
    const mine = (async () => {
      await before;
      clearTimeout(timer);
      return await work();
    })();
    turn = mine.catch(() => {});
    return mine;
  };
  const letGoLater = () => {
    timer = setTimeout(() => void inTurn(letGo), keepMs);
    timer.unref();
  };

  return {
    use: (signal, work) =>
      inTurn(async () => {
        signal.throwIfAborted();
        const key = await keyInUse(store);
        if (held?.key !== key) await letGo();
        held ??= { key, opened: await openRecommenders(store, dataDir, signal) };
        try {
          return await work(held.opened);
        } finally {
          if (keepMs === 0) await letGo();
          else letGoLater();
        }
      }),
    close: () => inTurn(letGo),
  };
}

/** What recommends: its files never change, so that with as many audio features the same key is the same recommender. */
async function keyInUse({ db }: Store): Promise<string> {
  const champion = await findChampion(db);
  const features = await countFeatures(db);
  if (champion !== undefined) return `blend ${champion.fingerprint} ${champion.modelFingerprint} ${features}`;
  return `model ${(await latestModel(db))?.fingerprint ?? ''}`;
}
