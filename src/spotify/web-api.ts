import { Buffer } from 'node:buffer';
import { ExpectedError, isExpected } from '../base/errors.ts';
import { type ApiCall, type ApiConnection, type CallOptions, callSpotify, readShape } from './api-call.ts';
import { outcomeUnknown } from './http.ts';
import {
  type ApiPlay,
  type LikedTrack,
  type PlaylistEntry,
  playlistOf,
  type Rows,
  readArtists,
  readLikedTracks,
  readPlaylistItems,
  readPlaylists,
  readRecentlyPlayed,
  readTracks,
  type SpotifyArtist,
  type SpotifyPlaylist,
} from './read-lists.ts';
import { readTrack, type SpotifyTrack } from './read-track.ts';
import { MAX_ITEMS_PER_CALL, WireMe, WirePageFrame, WirePlaylist, WireSearch, WireSnapshot } from './wire.ts';

/** Rows of one answer with the answer itself, as it came, for the raw landing. */
export interface Page<Row> extends Rows<Row> {
  readonly raw: unknown;
  /** Entries of the whole list, where Spotify says it. */
  readonly total: number | undefined;
}

export interface Me {
  /** Immutable since May 2026: what links an account. Undefined on older answers. */
  readonly accountId: string | undefined;
  /** Comparable with a playlist's `ownerId`. */
  readonly userId: string;
  readonly displayName: string | undefined;
}

export interface PlaylistDetails {
  readonly name?: string;
  /** Line breaks become spaces and an empty one is not sent: Spotify has refused or ignored both. */
  readonly description?: string;
  /** `false` may be ignored by Spotify, and never makes a playlist private. */
  readonly public?: boolean;
}

export type TimeRange = 'short_term' | 'medium_term' | 'long_term';

/**
 * The calls Segue makes of Spotify's Web API as it is since February 2026. Lists come as pages: each entry is a row or
 * counted by reason. All throw ExpectedErrors (api-call.ts says which); writes may throw the retryable `outcome-unknown`,
 * after which the caller looks at what Spotify holds before writing again.
 */
export interface WebApi {
  me(options?: CallOptions): Promise<Me>;
  /** The latest plays, newest first, at most 50: no cursor, so that late arrivals are seen. */
  recentlyPlayed(options?: CallOptions): Promise<Page<ApiPlay>>;
  topTracks(range: TimeRange, options?: CallOptions): AsyncGenerator<Page<SpotifyTrack>>;
  topArtists(range: TimeRange, options?: CallOptions): AsyncGenerator<Page<SpotifyArtist>>;
  likedTracks(options?: CallOptions): AsyncGenerator<Page<LikedTrack>>;
  /** Owned and followed playlists; the items of followed ones cannot be read. */
  myPlaylists(options?: CallOptions): AsyncGenerator<Page<SpotifyPlaylist>>;
  /** With `fields` only those, for example `['id', 'snapshot_id']`; `id` is always among them. */
  playlist(id: string, options?: CallOptions & { fields?: readonly string[] }): Promise<SpotifyPlaylist>;
  playlistItems(id: string, options?: CallOptions): AsyncGenerator<Page<PlaylistEntry>>;
  createPlaylist(details: PlaylistDetails & { name: string }, options?: CallOptions): Promise<SpotifyPlaylist>;
  changeDetails(id: string, details: PlaylistDetails, options?: CallOptions): Promise<void>;
  /** Sets the playlist to these URIs, at most 100; gives the new snapshot where Spotify tells it. */
  replaceItems(id: string, uris: readonly string[], options?: CallOptions): Promise<string | undefined>;
  /** Adds at most 100 URIs at `position`, by default at the end; gives the new snapshot where Spotify tells it. */
  addItems(
    id: string,
    uris: readonly string[],
    options?: CallOptions & { position?: number },
  ): Promise<string | undefined>;
  /** A JPEG of at most about 180 KB; it may take Spotify a while to show it. */
  uploadCover(id: string, jpeg: Uint8Array, options?: CallOptions): Promise<void>;
  /** Tracks that carry this ISRC, at most ten. */
  searchByIsrc(isrc: string, options?: CallOptions): Promise<readonly SpotifyTrack[]>;
  /** Undefined when Spotify does not know it (any more); `requestedId` is set when another instance was answered. */
  track(id: string, options?: CallOptions): Promise<SpotifyTrack | undefined>;
}

const READ_PLAYLISTS = ['playlist-read-private'];
const MODIFY_PLAYLISTS = ['playlist-modify-private', 'playlist-modify-public'];
const PAGE_SIZE = 50;
// 256 KB of base64 text; 188 KB of JPEG passed and 191 KB were refused.
const MAX_COVER_TEXT = 256 * 1024;

/** Binds the calls to one account's session and its developer account's queue. */
export function bindWebApi(connection: ApiConnection): WebApi {
  const send = (call: ApiCall, options?: CallOptions) => callSpotify(connection, call, options);

  async function* pages<Row>(
    call: Omit<ApiCall, 'method'>,
    read: (body: unknown, offset: number) => Rows<Row>,
    options?: CallOptions,
  ): AsyncGenerator<Page<Row>> {
    // By offset and not by `next`: a token is never sent to an address that an answer names.
    for (let offset = 0; ; ) {
      const query = { ...call.query, limit: PAGE_SIZE, offset };
      const raw = await send({ ...call, method: 'GET', query }, options);
      const frame = readShape(WirePageFrame, raw, { method: 'GET', path: call.path });
      yield { raw, ...read(raw, offset), total: frame.total ?? undefined };
      if (!frame.next || frame.items.length === 0) return;
      offset += frame.items.length;
    }
  }

  const items = (id: string) => `/playlists/${encodeURIComponent(id)}/items`;

  return {
    async me(options) {
      const call: ApiCall = { method: 'GET', path: '/me', scopes: [] };
      const me = readShape(WireMe, await send(call, options), call);
      return { accountId: me.account_id || undefined, userId: me.id, displayName: me.display_name || undefined };
    },

    async recentlyPlayed(options) {
      const call: ApiCall = {
        method: 'GET',
        path: '/me/player/recently-played',
        query: { limit: PAGE_SIZE },
        scopes: ['user-read-recently-played'],
      };
      const raw = await send(call, options);
      readShape(WirePageFrame, raw, call);
      return { raw, ...readRecentlyPlayed(raw), total: undefined };
    },

    topTracks: (range, options) =>
      pages({ path: '/me/top/tracks', query: { time_range: range }, scopes: ['user-top-read'] }, readTracks, options),

    topArtists: (range, options) =>
      pages({ path: '/me/top/artists', query: { time_range: range }, scopes: ['user-top-read'] }, readArtists, options),

    likedTracks: (options) => pages({ path: '/me/tracks', scopes: ['user-library-read'] }, readLikedTracks, options),

    myPlaylists: (options) => pages({ path: '/me/playlists', scopes: READ_PLAYLISTS }, readPlaylists, options),

    async playlist(id, options) {
      const fields = options?.fields && [...new Set(['id', ...options.fields])].join(',');
      const call: ApiCall = {
        method: 'GET',
        path: `/playlists/${encodeURIComponent(id)}`,
        query: { fields },
        scopes: READ_PLAYLISTS,
      };
      return playlistOf(readShape(WirePlaylist, await send(call, options), call));
    },

    playlistItems: (id, options) =>
      // Without additional_types an episode may come track-shaped.
      pages(
        { path: items(id), query: { additional_types: 'track,episode' }, scopes: READ_PLAYLISTS },
        readPlaylistItems,
        options,
      ),

    async createPlaylist(details, options) {
      const call: ApiCall = { method: 'POST', path: '/me/playlists', body: oneLine(details), scopes: MODIFY_PLAYLISTS };
      const created = WirePlaylist.safeParse(await send(call, options)).data;
      if (created) return playlistOf(created);
      throw outcomeUnknown('POST /me/playlists', 'Its answer carries no playlist.');
    },

    async changeDetails(id, details, options) {
      const path = `/playlists/${encodeURIComponent(id)}`;
      await send({ method: 'PUT', path, body: oneLine(details), scopes: MODIFY_PLAYLISTS }, options);
    },

    async replaceItems(id, uris, options) {
      atMostAHundred(uris);
      return snapshotOf(
        await send({ method: 'PUT', path: items(id), body: { uris }, scopes: MODIFY_PLAYLISTS }, options),
      );
    },

    async addItems(id, uris, options) {
      atMostAHundred(uris);
      const position = options?.position;
      const body = position === undefined ? { uris } : { uris, position };
      return snapshotOf(await send({ method: 'POST', path: items(id), body, scopes: MODIFY_PLAYLISTS }, options));
    },

    async uploadCover(id, jpeg, options) {
      const path = `/playlists/${encodeURIComponent(id)}/images`;
      await send({ method: 'PUT', path, body: coverText(jpeg), scopes: ['ugc-image-upload'] }, options);
    },

    async searchByIsrc(isrc, options) {
      const query = { q: `isrc:${isrc}`, type: 'track', limit: 10 };
      const call: ApiCall = { method: 'GET', path: '/search', query, scopes: [] };
      const found = readShape(WireSearch.pick({ tracks: true }), await send(call, options), call);
      return found.tracks ? readTracks(found.tracks).rows : [];
    },

    async track(id, options) {
      const call: ApiCall = { method: 'GET', path: `/tracks/${encodeURIComponent(id)}`, scopes: [] };
      try {
        const track = readTrack(await send(call, options), id);
        return typeof track === 'string' ? undefined : track;
      } catch (error) {
        if (isExpected(error) && error.code === 'not-found') return undefined;
        throw error;
      }
    },
  };
}

function oneLine(details: PlaylistDetails): object {
  const { description, ...rest } = details;
  const line = description?.replace(/\s+/g, ' ').trim();
  return line ? { ...rest, description: line } : rest;
}

function atMostAHundred(uris: readonly string[]): void {
  if (uris.length > MAX_ITEMS_PER_CALL) {
    throw new RangeError(`one call takes ${MAX_ITEMS_PER_CALL} items at most, not ${uris.length}`);
  }
}

function snapshotOf(body: unknown): string | undefined {
  return WireSnapshot.safeParse(body).data?.snapshot_id;
}

function coverText(jpeg: Uint8Array): string {
  const isJpeg = jpeg[0] === 0xff && jpeg[1] === 0xd8 && jpeg[2] === 0xff;
  const text = Buffer.from(jpeg.buffer, jpeg.byteOffset, jpeg.byteLength).toString('base64');
  if (isJpeg && text.length <= MAX_COVER_TEXT) return text;
  throw new ExpectedError(isJpeg ? 'cover-too-large' : 'cover-not-jpeg', 'This picture cannot be a cover.', {
    why: isJpeg ? `It has ${Math.round(jpeg.length / 1024)} KB and 190 KB is the most.` : 'It is not a JPEG file.',
    hint: 'Use a JPEG of at most 180 KB.',
  });
}
