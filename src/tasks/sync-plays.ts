import { landRaw } from '../base/raw-landing.ts';
import type { Json, Task, TaskContext, TaskOutput } from '../base/task.ts';
import { type ApiPlay, readRecentlyPlayed } from '../spotify/read-lists.ts';
import type { WebApi } from '../spotify/web-api.ts';
import type { Store } from '../store/connect.ts';
import { knownPolls } from '../store/known-polls.ts';
import { type LandedPlays, loadPlays, rawName } from './load-plays.ts';

export interface SyncPlaysDeps {
  readonly store: Store;
  readonly spotify: Pick<WebApi, 'recentlyPlayed'>;
  readonly listener: { readonly id: number; readonly name: string };
  readonly dataDir: string;
}

// What recently-played holds at most, and what one call asks for.
const FULL_PAGE = 50;

/** Fetches the latest 50 plays, puts what is new on the disk, then into the database. */
export function syncPlays(deps: SyncPlaysDeps): Task<null> {
  return {
    name: 'sync-plays',
    summary: 'Collects the latest plays of the account, at most 50 a call, before Spotify forgets them.',
    timeoutMs: 5 * 60_000,
    maxAttempts: 5,
    run: (_input, context) => run(deps, context),
  };
}

async function run({ store, spotify, listener, dataDir }: SyncPlaysDeps, context: TaskContext): Promise<TaskOutput> {
  const page = await spotify.recentlyPlayed({ signal: context.signal });
  const fetchedAt = context.clock.now();
  const entries = (page.raw as { items: Json[] }).items;
  const counts = { fetched: entries.length, skipped: { ...page.skipped } };
  const { items, anyKnown } = await unknownOf(store, listener.id, entries);
  if (items.length === 0) {
    return { ...counts, stored: 0, alreadyThere: page.rows.length, merged: 0, gap: null };
  }
  const landed: LandedPlays = {
    listener: listener.name,
    fetchedAt: fetchedAt.toISOString(),
    // With a row that was there already, nothing between it and the others can be missing.
    pageIsFull: entries.length >= FULL_PAGE && !anyKnown,
    items,
  };
  await landRaw(dataDir, 'plays', rawName(listener.name, fetchedAt), [landed as unknown as Json]);
  const { stored, merged, gap } = await store.transaction((db) => loadPlays(db, listener.id, landed));
  // What a power cut took from the database would not be fetched again once Spotify has moved on.
  await store.flush();
  if (gap) {
    context.log.warn('plays may be missing: Spotify keeps 50, and more were played since the last sync', {
      after: gap.newestStoredAt.toISOString(),
      before: gap.oldestFetchedAt.toISOString(),
    });
  }
  return {
    ...counts,
    stored,
    alreadyThere: page.rows.length - stored - merged,
    merged,
    gap: gap ? { after: gap.newestStoredAt.toISOString(), before: gap.oldestFetchedAt.toISOString() } : null,
  };
}

/**
 * The entries that the database does not hold. Those that this version cannot read count as such, so that they are on
 * the disk for one that can; of null tracks only the time is known, which is nothing to keep.
 */
async function unknownOf(
  store: Store,
  listenerId: number,
  entries: readonly Json[],
): Promise<{ items: Json[]; anyKnown: boolean }> {
  const read = entries.map((entry) => {
    const { rows, skipped } = readRecentlyPlayed({ items: [entry] });
    return { entry, isNull: skipped.null !== undefined, poll: rows[0] && pollOf(rows[0]) };
  });
  const polls = read.flatMap(({ poll }) => poll ?? []);
  const known = await knownPolls(store.db, listenerId, polls);
  const items = read.filter(({ poll, isNull }) => (poll ? !known.has(poll) : !isNull)).map(({ entry }) => entry);
  return { items, anyKnown: known.size > 0 };
}

function pollOf({ track, endedAt }: ApiPlay) {
  return { trackId: track.id, endedAt };
}
