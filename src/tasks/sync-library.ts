import { isExpected } from '../base/errors.ts';
import { landRaw } from '../base/raw-landing.ts';
import type { Json, Task, TaskContext, TaskOutput } from '../base/task.ts';
import { readLikedTracks } from '../spotify/read-lists.ts';
import type { Page, WebApi } from '../spotify/web-api.ts';
import {
  type ApiPlaylist,
  readApiLikes,
  readApiPlaylists,
  readPublishedPlaylistIds,
  readTopList,
  type TopList,
} from '../store/api-library.ts';
import type { Store } from '../store/connect.ts';
import { type LandedLibrary, loadLibrary, playlistsOf, withoutLinks } from './load-library.ts';
import { rawName } from './load-plays.ts';

export interface SyncLibraryDeps {
  readonly store: Store;
  readonly spotify: Pick<WebApi, 'me' | 'myPlaylists' | 'playlistItems' | 'likedTracks' | 'topTracks' | 'topArtists'>;
  readonly listener: { readonly id: number; readonly name: string };
  readonly dataDir: string;
}

type Landed = LandedLibrary extends infer Part
  ? Part extends unknown
    ? Omit<Part, 'listener' | 'fetchedAt'>
    : never
  : never;

/** What came of fetching a whole list: entries as they came, and how many were left out, by reason. */
interface Fetched<Row> {
  readonly items: Json[];
  readonly rows: Row[];
}

const RANGES = ['short_term', 'medium_term', 'long_term'] as const;

/** Brings playlists, liked songs and top items up to date; what did not change is neither fetched nor written again. */
export function syncLibrary(deps: SyncLibraryDeps): Task<null> {
  return {
    name: 'sync-library',
    summary: "Collects the account's playlists with their songs, its liked songs and its top tracks and artists.",
    timeoutMs: 30 * 60_000,
    maxAttempts: 5,
    run: (_input, context) => new LibrarySync(deps, context).run(),
  };
}

class LibrarySync {
  readonly #deps: SyncLibraryDeps;
  readonly #context: TaskContext;
  readonly #skipped: Record<string, number> = {};

  constructor(deps: SyncLibraryDeps, context: TaskContext) {
    this.#deps = deps;
    this.#context = context;
  }

  async run(): Promise<TaskOutput> {
    const playlists = await this.#playlists();
    const liked = await this.#likes();
    const top = await this.#topItems();
    return { ...playlists, ...liked, ...top, skipped: this.#skipped };
  }

  async #playlists(): Promise<Record<string, number>> {
    const { store, spotify, listener } = this.#deps;
    const { signal, log, progress } = this.#context;
    const { userId } = await spotify.me({ signal });
    const { items } = await this.#fetch(spotify.myPlaylists({ signal }));
    const listed = playlistsOf(items, userId);
    const known = await readApiPlaylists(store.db, listener.id);
    const removed = [...known.keys()].filter((id) => !listed.some((playlist) => playlist.id === id)).length;
    if (removed > 0 || listed.some((playlist) => isNews(playlist, known.get(playlist.id)))) {
      await this.#keep({ part: 'playlists', userId, items });
    }
    const own = await readPublishedPlaylistIds(store.db, listener.id);
    const counts = {
      playlists: listed.length,
      playlistsRemoved: removed,
      playlistsOfOthers: listed.filter(({ readable }) => !readable).length,
      // Segue's own lists say what it recommended, not what the listener likes.
      playlistsOfSegue: listed.filter(({ id }) => own.has(id)).length,
      playlistsUnchanged: 0,
      playlistsRefused: 0,
      playlistsFetched: 0,
      playlistItems: 0,
    };
    const readable = listed.filter(({ id, readable }) => readable && !own.has(id));
    for (const [done, { id, snapshot }] of readable.entries()) {
      progress({ label: 'Reading playlists', done, total: readable.length, unit: 'playlists' });
      if (snapshot !== null && known.get(id)?.snapshot === snapshot) {
        counts.playlistsUnchanged++;
        continue;
      }
      try {
        const fetched = await this.#fetch(spotify.playlistItems(id, { signal }));
        await this.#keep({ part: 'playlist-items', playlistId: id, snapshot, items: fetched.items });
        counts.playlistsFetched++;
        counts.playlistItems += fetched.rows.length;
      } catch (error) {
        // A shared playlist that this account only follows, or one that was deleted since it was listed.
        if (!isExpected(error) || !['playlist-not-readable', 'not-found'].includes(error.code)) throw error;
        log.info('a playlist cannot be read', { playlist: id, code: error.code });
        counts.playlistsRefused++;
      }
    }
    return counts;
  }

  async #likes(): Promise<Record<string, number>> {
    const { store, spotify, listener } = this.#deps;
    const { items, rows } = await this.#fetch(spotify.likedTracks({ signal: this.#context.signal }));
    const known = await readApiLikes(store.db, listener.id);
    const all = new Set(rows.map(({ track }) => track.id));
    const changed = items.filter((item) => {
      const [row] = readLikedTracks({ items: [item] }).rows;
      if (!row) return false;
      return !known.has(row.track.id) || known.get(row.track.id)?.getTime() !== row.likedAt?.getTime();
    });
    const gone = [...known.keys()].filter((id) => !all.has(id)).length;
    if (changed.length > 0 || gone > 0) await this.#keep({ part: 'liked', items: changed, all: [...all] });
    return { liked: all.size, likedNew: changed.length, likedRemoved: gone };
  }

  async #topItems(): Promise<Record<string, number>> {
    const { spotify } = this.#deps;
    const options = { signal: this.#context.signal };
    const counts = { topTracks: 0, topArtists: 0 };
    for (const range of RANGES) {
      // One page of 50 each: what lies below it is hardly a favourite.
      const tracks = await this.#fetch(spotify.topTracks(range, options), 1);
      counts.topTracks += await this.#keepTop({ kind: 'track', range }, tracks);
      const artists = await this.#fetch(spotify.topArtists(range, options), 1);
      counts.topArtists += await this.#keepTop({ kind: 'artist', range }, artists);
    }
    return counts;
  }

  async #keepTop(list: TopList, { items, rows }: Fetched<{ readonly id: string }>): Promise<number> {
    const { store, listener } = this.#deps;
    const known = await readTopList(store.db, listener.id, list);
    const ids = rows.map(({ id }) => id);
    if (ids.join() !== known.join()) await this.#keep({ part: 'top', ...list, items });
    return ids.length;
  }

  async #fetch<Row>(pages: AsyncIterable<Page<Row>>, most = Number.POSITIVE_INFINITY): Promise<Fetched<Row>> {
    const fetched: Fetched<Row> = { items: [], rows: [] };
    let read = 0;
    for await (const page of pages) {
      fetched.items.push(...(page.raw as { items: Json[] }).items.map(withoutLinks));
      fetched.rows.push(...page.rows);
      for (const [reason, count] of Object.entries(page.skipped)) {
        this.#skipped[reason] = (this.#skipped[reason] ?? 0) + count;
      }
      if (++read >= most) break;
    }
    return fetched;
  }

  /** On the disk first, then in the database. */
  async #keep(part: Landed): Promise<void> {
    const { store, listener, dataDir } = this.#deps;
    const fetchedAt = this.#context.clock.now();
    const landed = { listener: listener.name, fetchedAt: fetchedAt.toISOString(), ...part } as LandedLibrary;
    await landRaw(dataDir, 'library', rawName(listener.name, fetchedAt), [landed as unknown as Json]);
    await store.transaction((db) => loadLibrary(db, listener.id, landed));
  }
}

/** Whether the listing says something of a playlist that is not stored; the items of readable ones have their own version. */
function isNews(listed: ApiPlaylist, known: ApiPlaylist | undefined): boolean {
  return (
    known === undefined ||
    listed.name !== known.name ||
    listed.description !== known.description ||
    listed.owned !== known.owned ||
    listed.readable !== known.readable ||
    listed.itemsTotal !== known.itemsTotal ||
    (!listed.readable && listed.snapshot !== known.snapshot)
  );
}
