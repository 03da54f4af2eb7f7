import { isExpected } from '../base/errors.ts';
import type { Task, TaskContext, TaskOutput } from '../base/task.ts';
import { RECCOBEATS_BATCH, type ReccoBeats } from '../corpus/reccobeats.ts';
import type { Store } from '../store/connect.ts';
import { saveFeatureMisses, saveFeatures, tracksWithoutFeatures } from '../store/features.ts';

const SOURCE = 'reccobeats';
/** Their catalogue grows: an unknown track is asked for again after a season. */
const ASK_AGAIN_MS = 90 * 24 * 60 * 60_000;
/** A run asks for this many at most: 50 calls of a free service. */
const MOST = 2_000;
/** A longer wait is the run's to take, not the worker's. */
const LONGEST_WAIT_MS = 60_000;

export interface EnrichFeaturesDeps {
  readonly store: Store;
  readonly listenerId: number;
  /** Undefined while SEGUE_ENRICH_FEATURES is off, as it is by default: track ids would go to a third party. */
  readonly reccoBeats: ReccoBeats | undefined;
}

/** Asks ReccoBeats for audio features that no file gave; what it does not know is remembered. */
export function enrichFeatures(deps: EnrichFeaturesDeps): Task<null> {
  return {
    name: 'enrich-features',
    summary: 'Asks ReccoBeats for missing audio features (off unless SEGUE_ENRICH_FEATURES is on).',
    timeoutMs: 15 * 60_000,
    maxAttempts: 3,
    run: (_, context) => run(deps, context),
  };
}

async function run({ store, listenerId, reccoBeats }: EnrichFeaturesDeps, context: TaskContext): Promise<TaskOutput> {
  if (!reccoBeats) return { skipped: 'SEGUE_ENRICH_FEATURES is off, so nobody is asked.' };
  const before = new Date(context.clock.now().getTime() - ASK_AGAIN_MS);
  const wanted = await tracksWithoutFeatures(store.db, listenerId, SOURCE, before, MOST);
  if (wanted.length === 0) return { skipped: 'Every track has audio features or was asked for lately.' };
  let found = 0;
  let missed = 0;
  for (let start = 0; start < wanted.length; start += RECCOBEATS_BATCH) {
    const ids = wanted.slice(start, start + RECCOBEATS_BATCH);
    const rows = await askPatiently(reccoBeats, ids, context);
    const known = new Set(rows.map(({ trackId }) => trackId));
    const misses = ids.filter((id) => !known.has(id));
    await saveFeatures(store.db, SOURCE, rows);
    await saveFeatureMisses(store.db, SOURCE, misses, context.clock.now());
    found += rows.length;
    missed += misses.length;
    context.progress({ label: 'Asking ReccoBeats', done: start + ids.length, total: wanted.length, unit: 'tracks' });
  }
  return { asked: wanted.length, found, missed };
}

/** Waits out one short Retry-After; a longer one, or a second, is thrown for the run to try again later. */
async function askPatiently(
  reccoBeats: ReccoBeats,
  ids: readonly string[],
  { clock, signal }: TaskContext,
): ReturnType<ReccoBeats['audioFeatures']> {
  try {
    return await reccoBeats.audioFeatures(ids, signal);
  } catch (error) {
    const wait = isExpected(error) && error.retryable ? error.retryAfterMs : undefined;
    if (wait === undefined || wait > LONGEST_WAIT_MS) throw error;
    await clock.sleep(wait, signal);
    return await reccoBeats.audioFeatures(ids, signal);
  }
}
