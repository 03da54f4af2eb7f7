import type { Json } from '../base/task.ts';
import { readArtists, readLikedTracks, readPlaylistItems, readPlaylists, readTracks } from '../spotify/read-lists.ts';
import {
  saveApiLikes,
  saveApiPlaylistItems,
  saveApiPlaylists,
  saveTopList,
  type TopList,
} from '../store/api-library.ts';
import type { Store } from '../store/connect.ts';
import { saveTracksOf } from './load-plays.ts';

/**
 * A line of `raw/library/`: what one look at a part of the library brought that was not in the database. `items` are
 * entries as they came, without pictures and addresses.
 */
export type LandedLibrary = { readonly listener: string; readonly fetchedAt: string } & (
  | {
      readonly part: 'liked';
      /** New and changed ones. */
      readonly items: readonly Json[];
      /** Track ids of all liked songs, these included: whatever else is stored has been unliked. */
      readonly all: readonly string[];
    }
  | ({ readonly part: 'top'; readonly items: readonly Json[] } & TopList)
  | {
      readonly part: 'playlists';
      /** The account's Spotify user id, by which its own playlists are told from followed ones. */
      readonly userId: string;
      readonly items: readonly Json[];
    }
  | {
      readonly part: 'playlist-items';
      readonly playlistId: string;
      readonly snapshot: string | null;
      readonly items: readonly Json[];
    }
);

/** Stores a landed part of the library, in the caller's transaction. Given again it changes nothing. */
export async function loadLibrary(db: Store['db'], listenerId: number, landed: LandedLibrary): Promise<void> {
  const at = new Date(landed.fetchedAt);
  const answer = { items: landed.items };
  switch (landed.part) {
    case 'liked': {
      const { rows } = readLikedTracks(answer);
      await saveTracksOf(db, rows, at);
      const added = rows.map(({ track, likedAt }) => ({ trackId: track.id, likedAt: likedAt ?? null }));
      return await saveApiLikes(db, listenerId, added, landed.all);
    }
    case 'top': {
      if (landed.kind === 'artist') return await saveTopList(db, listenerId, landed, readArtists(answer).rows, at);
      const tracks = readTracks(answer).rows;
      await saveTracksOf(
        db,
        tracks.map((track) => ({ track })),
        at,
      );
      const entries = tracks.map(({ id, title }) => ({ id, name: title }));
      return await saveTopList(db, listenerId, landed, entries, at);
    }
    case 'playlists':
      return await saveApiPlaylists(db, listenerId, playlistsOf(landed.items, landed.userId), at);
    case 'playlist-items': {
      const { rows } = readPlaylistItems(answer);
      await saveTracksOf(db, rows, at);
      const items = rows.map(({ position, track, addedAt }) => ({
        position,
        trackId: track.id,
        addedAt: addedAt ?? null,
      }));
      await saveApiPlaylistItems(db, listenerId, landed.playlistId, items, { snapshot: landed.snapshot, at });
    }
  }
}

/** Listed playlists as the store keeps them. Since 2026 only own and shared ones may be read. */
export function playlistsOf(items: readonly Json[], userId: string) {
  return readPlaylists({ items }).rows.map((playlist) => {
    const owned = playlist.ownerId === userId;
    return {
      id: playlist.id,
      name: playlist.name ?? '',
      description: playlist.description || null,
      owned,
      readable: owned || playlist.collaborative === true,
      itemsTotal: playlist.itemsTotal ?? null,
      snapshot: playlist.snapshot ?? null,
    };
  });
}

const LEFT_OUT = new Set([
  'images',
  'href',
  'external_urls',
  'preview_url',
  'available_markets',
  'added_by',
  'display_name',
  'followers',
]);

/** An answer's entry without what only fills the disk: pictures (whose addresses expire within a day), links, other people. */
export function withoutLinks(entry: Json): Json {
  if (Array.isArray(entry)) return entry.map(withoutLinks);
  if (typeof entry !== 'object' || entry === null) return entry;
  const kept: { [key: string]: Json } = {};
  for (const [key, value] of Object.entries(entry)) if (!LEFT_OUT.has(key)) kept[key] = withoutLinks(value);
  return kept;
}
