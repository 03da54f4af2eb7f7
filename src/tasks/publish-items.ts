import { ExpectedError, isExpected } from '../base/errors.ts';
import type { TaskContext } from '../base/task.ts';
import { type Comparison, compareItems, type FoundItem, inBatches, type WantedItem } from '../music/publication.ts';
import { trackUri } from '../music/track.ts';
import type { PlaylistEntry } from '../spotify/read-lists.ts';
import type { Page, WebApi } from '../spotify/web-api.ts';
import { MAX_ITEMS_PER_CALL } from '../spotify/wire.ts';

type ItemsApi = Pick<WebApi, 'playlistItems' | 'replaceItems' | 'addItems' | 'track'>;
type FillContext = Pick<TaskContext, 'signal' | 'clock' | 'log' | 'progress'>;

export interface Filled extends Comparison {
  /** Songs that stand in the playlist, in order. */
  readonly items: readonly WantedItem[];
  /** Songs that Spotify does not have any more, left out after it was asked about each. */
  readonly unavailable: readonly string[];
  /** The playlist's version after the last write; null when nothing had to be written or Spotify did not tell. */
  readonly snapshot: string | null;
  /** How often the whole playlist had to be written: 0 when it was right already. */
  readonly writes: number;
}

// Somebody else's edit between a write and its check costs a round; more than two of them in a row is not an accident.
const MAX_WRITES = 3;
// Spotify's listing may lag behind its writes.
const LAG_MS = 1000;

/**
 * Makes the playlist hold exactly `wanted`, in order, and reads every page back to prove it; writes nothing when it is
 * right already. Each call is atomic at Spotify, so up to 100 songs change in one step. For more, the first 100 are
 * replaced and the rest appended in hundreds: cut off in between, the playlist holds the first songs of the new
 * edition, in order and never mixed with old ones, until the next attempt starts again from the replace.
 *
 * Throws ExpectedError `publish-not-verified` (retryable) when others keep editing, and what the calls throw.
 */
export async function fillPlaylist(
  api: ItemsApi,
  playlistId: string,
  wanted: readonly WantedItem[],
  context: FillContext,
): Promise<Filled> {
  let items = wanted;
  let snapshot: string | null = null;
  for (let writes = 0; ; writes++) {
    const comparison = compareItems(items, await readBack(api, playlistId, context.signal));
    if (comparison.equal) {
      const unavailable = wanted.filter((item) => !items.includes(item)).map((item) => item.trackId);
      return { ...comparison, items, unavailable, snapshot, writes };
    }
    if (writes >= MAX_WRITES) throw notVerified(playlistId, items.length);
    if (writes > 0) {
      const { missing } = comparison;
      context.log.warn('the playlist read back is not the one written', { playlistId, missing: missing.length });
      const lost = await unavailableAmong(api, missing, context.signal);
      items = items.filter((item) => !lost.has(item.trackId));
      await context.clock.sleep(LAG_MS, context.signal);
    }
    ({ items, snapshot } = await writeItems(api, playlistId, items, context));
  }
}

async function writeItems(
  api: ItemsApi,
  playlistId: string,
  items: readonly WantedItem[],
  context: FillContext,
): Promise<{ items: readonly WantedItem[]; snapshot: string | null }> {
  let snapshot: string | undefined;
  let done = 0;
  for (const [number, batch] of inBatches(items, MAX_ITEMS_PER_CALL).entries()) {
    const uris = batch.map((item) => trackUri(item.trackId));
    try {
      const write = number === 0 ? api.replaceItems : api.addItems;
      snapshot = await write(playlistId, uris, { signal: context.signal });
    } catch (error) {
      // One song that is gone may refuse its whole hundred: leave out what Spotify says it lacks, and start over.
      if (!mayRefuseSongs(error)) throw error;
      const ids = batch.map((item) => item.trackId);
      const lost = await unavailableAmong(api, ids, context.signal);
      if (lost.size === 0) throw error;
      context.log.warn('Spotify refused songs that it does not have any more', { songs: [...lost] });
      const rest = items.filter((item) => !lost.has(item.trackId));
      return await writeItems(api, playlistId, rest, context);
    }
    done += batch.length;
    context.progress({ label: 'Writing the playlist', done, total: items.length, unit: 'songs' });
  }
  return { items, snapshot: snapshot ?? null };
}

function mayRefuseSongs(error: unknown): boolean {
  return isExpected(error) && (error.code === 'request-refused' || error.code === 'not-found');
}

/** Which of these songs Spotify does not know or does not play for this account: one question each. */
async function unavailableAmong(api: ItemsApi, trackIds: readonly string[], signal: AbortSignal): Promise<Set<string>> {
  const lost = new Set<string>();
  for (const trackId of trackIds) {
    const track = await api.track(trackId, { signal });
    if (!track || track.isPlayable === false) lost.add(trackId);
  }
  return lost;
}

async function readBack(api: ItemsApi, playlistId: string, signal: AbortSignal): Promise<FoundItem[]> {
  const found: FoundItem[] = [];
  for await (const page of api.playlistItems(playlistId, { signal })) found.push(...foundOn(page, found.length));
  return found;
}

/** Every row of a page, in order: rows that are no track leave a hole in the positions. */
function foundOn(page: Page<PlaylistEntry>, offset: number): FoundItem[] {
  const { null: gone = 0, ...others } = page.skipped;
  const foreign = Object.values(others).reduce((sum, count) => sum + count, 0);
  // With local files or episodes on the page a hole may be one of those, which Segue never writes.
  const hole: FoundItem = { trackId: foreign > 0 ? 'not a track' : null };
  const found = Array.from({ length: page.rows.length + gone + foreign }, () => hole);
  for (const { position, track } of page.rows) {
    found[position - offset] = {
      trackId: track.id,
      writtenId: track.requestedId,
      recording: { title: track.title, artist: track.artists[0] ?? '', isrc: track.isrc },
    };
  }
  return found;
}

function notVerified(playlistId: string, songs: number): ExpectedError {
  return new ExpectedError('publish-not-verified', `The playlist ${playlistId} does not stay as Segue writes it.`, {
    why: `${MAX_WRITES} times all ${songs} songs were written and another list was read back: something else edits it at the same moment.`,
    hint: 'Stop the other editor; Segue tries again later.',
    retryable: true,
  });
}
