/**
 * What Spotify sends and takes, as it is since February 2026, for the calls Segue makes. One set of schemas serves the
 * client and the local Spotify, so that the two cannot drift apart. Rules: unknown keys are kept, fields that
 * Development Mode removed are optional, enumerations are open strings, list entries may be null, and both
 * spellings of a playlist's contents (`items`/`tracks`, `item`/`track`) are accepted. Each schema and its type share a name.
 */
import { z } from 'zod';

const text = z.string().nullish();
const number = z.number().nullish();
const flag = z.boolean().nullish();
const urls = z.record(z.string(), z.string().nullable()).nullish();

export const WireImage = z.looseObject({ url: z.string(), height: number, width: number });
export type WireImage = z.infer<typeof WireImage>;

export const WireRestrictions = z.looseObject({ reason: text });
export type WireRestrictions = z.infer<typeof WireRestrictions>;

/** Simplified and full artist: `images` only on the full one. Local files have artists with nothing but a name. */
export const WireArtist = z.looseObject({
  id: text,
  name: z.string(),
  type: text,
  uri: text,
  href: text,
  external_urls: urls,
  images: z.array(WireImage).nullish(),
  // Extended mode only.
  followers: z.looseObject({ href: text, total: number }).nullish(),
  genres: z.array(z.string()).nullish(),
  popularity: number,
});
export type WireArtist = z.infer<typeof WireArtist>;

/** Simplified album. `name` is "" after a takedown; a local file's album has null ids. */
export const WireAlbum = z.looseObject({
  id: text,
  name: text,
  type: text,
  uri: text,
  href: text,
  external_urls: urls,
  album_type: text,
  artists: z.array(WireArtist).nullish(),
  images: z.array(WireImage).nullish(),
  /** `2024-03-08`, `2024-03` or `2024`, as `release_date_precision` says. */
  release_date: text,
  release_date_precision: text,
  restrictions: WireRestrictions.nullish(),
  total_tracks: number,
  // Extended mode only.
  available_markets: z.array(z.string()).nullish(),
});
export type WireAlbum = z.infer<typeof WireAlbum>;

/** Full track; `album` and `external_ids` are absent on simplified tracks. `id` is null for local files. */
export const WireTrack = z.looseObject({
  id: text,
  name: z.string(),
  type: text,
  uri: text,
  href: text,
  external_urls: urls,
  /** `{ isrc }` as a rule, sometimes `{}`. */
  external_ids: z.record(z.string(), z.string().nullable()).nullish(),
  album: WireAlbum.nullish(),
  artists: z.array(WireArtist).nullish(),
  disc_number: number,
  track_number: number,
  duration_ms: number,
  explicit: flag,
  is_local: flag,
  is_playable: flag,
  preview_url: text,
  restrictions: WireRestrictions.nullish(),
  // Extended mode only.
  available_markets: z.array(z.string()).nullish(),
  linked_from: z.looseObject({ id: text, uri: text }).nullish(),
  popularity: number,
});
export type WireTrack = z.infer<typeof WireTrack>;

/** `GET /albums/{id}`: its tracks are simplified ones (no `album`, no `external_ids`). */
export const WireFullAlbum = WireAlbum.extend({
  tracks: z.looseObject({ items: z.array(WireTrack.nullable()), next: text, total: number }).nullish(),
  external_ids: z.record(z.string(), z.string().nullable()).nullish(),
});
export type WireFullAlbum = z.infer<typeof WireFullAlbum>;

/** A podcast episode among a playlist's items. */
export const WireEpisode = z.looseObject({
  type: z.literal('episode'),
  id: text,
  name: text,
  uri: text,
  href: text,
  duration_ms: number,
  show: z.looseObject({ id: text, name: text, uri: text }).nullish(),
});
export type WireEpisode = z.infer<typeof WireEpisode>;

/** `GET /me`. `account_id` (May 2026) is what links an account; `id` is comparable with a playlist's `owner.id`. */
export const WireMe = z.looseObject({
  id: z.string(),
  account_id: text,
  display_name: text,
  type: text,
  uri: text,
  href: text,
  external_urls: urls,
  images: z.array(WireImage).nullish(),
  // Extended mode only.
  country: text,
  email: text,
  product: text,
});
export type WireMe = z.infer<typeof WireMe>;

/** A playlist's owner or the person who added an item. */
export const WireUser = z.looseObject({
  id: z.string(),
  display_name: text,
  type: text,
  uri: text,
  href: text,
  external_urls: urls,
});
export type WireUser = z.infer<typeof WireUser>;

/** The paging object without its rows; `next` is a full address. Only `items` is sure to be there. */
export const WirePageFrame = z.looseObject({
  items: z.array(z.unknown()),
  href: text,
  limit: number,
  next: text,
  offset: number,
  previous: text,
  total: number,
});
export type WirePageFrame = z.infer<typeof WirePageFrame>;

/** A page of `item`; old versions have sent null rows. */
export function pageOf<Item extends z.ZodType>(item: Item) {
  return WirePageFrame.extend({ items: z.array(item.nullable()) });
}

/** `GET /me/top/tracks`, `GET /me/top/artists`. */
export const WireTopTracks = pageOf(WireTrack);
export type WireTopTracks = z.infer<typeof WireTopTracks>;
export const WireTopArtists = pageOf(WireArtist);
export type WireTopArtists = z.infer<typeof WireTopArtists>;

/** One row of `GET /me/tracks`: the key is still `track` there. */
export const WireSavedTrack = z.looseObject({ added_at: text, track: WireTrack.nullish() });
export type WireSavedTrack = z.infer<typeof WireSavedTrack>;
export const WireSavedTracks = pageOf(WireSavedTrack);
export type WireSavedTracks = z.infer<typeof WireSavedTracks>;

export const WireContext = z.looseObject({ type: text, href: text, uri: text, external_urls: urls });
export type WireContext = z.infer<typeof WireContext>;

/** One row of recently-played; `played_at` is about the END of the play, ISO 8601 with milliseconds. */
export const WirePlayHistory = z.looseObject({
  track: WireTrack.nullish(),
  played_at: z.string(),
  context: WireContext.nullish(),
});
export type WirePlayHistory = z.infer<typeof WirePlayHistory>;

/**
 * `GET /me/player/recently-played`: newest first, cursors are milliseconds as strings (`after` = newest, `before` =
 * oldest row), `cursors` is null when the page is empty, and there is no `total`.
 */
export const WireRecentlyPlayed = z.looseObject({
  items: z.array(WirePlayHistory.nullable()),
  next: text,
  cursors: z.looseObject({ after: text, before: text }).nullish(),
  limit: number,
  href: text,
});
export type WireRecentlyPlayed = z.infer<typeof WireRecentlyPlayed>;

/** `GET /me/player/currently-playing` (204 and no body when nothing plays). */
export const WireCurrentlyPlaying = z.looseObject({
  timestamp: number,
  context: WireContext.nullish(),
  progress_ms: number,
  item: z.union([WireEpisode, WireTrack]).nullish(),
  currently_playing_type: text,
  is_playing: flag,
});
export type WireCurrentlyPlaying = z.infer<typeof WireCurrentlyPlaying>;

/** `GET /me/library/contains`: one answer per URI asked. */
export const WireLibraryContains = z.array(z.boolean());
export type WireLibraryContains = z.infer<typeof WireLibraryContains>;

/** One row of a playlist. `item` since February 2026, `track` before, both in between; null when the track is gone. */
export const WirePlaylistItem = z.looseObject({
  added_at: text,
  added_by: WireUser.nullish(),
  is_local: flag,
  item: z.union([WireEpisode, WireTrack]).nullish(),
  track: z.union([WireEpisode, WireTrack]).nullish(),
});
export type WirePlaylistItem = z.infer<typeof WirePlaylistItem>;

/** `GET /playlists/{id}/items`. */
export const WirePlaylistItems = pageOf(WirePlaylistItem);
export type WirePlaylistItems = z.infer<typeof WirePlaylistItems>;

// Contents of a playlist: a page of rows, or only `{ href, total }` in listings, or nothing for playlists of others.
const contents = WirePageFrame.extend({ items: z.array(WirePlaylistItem.nullable()).nullish() }).nullish();

/** Simplified and full playlist, also as answered by `POST /me/playlists`. With `fields`, only what was asked for. */
export const WirePlaylist = z.looseObject({
  id: z.string(),
  name: text,
  description: text,
  collaborative: flag,
  /** Shown on the profile or not; it does not make a playlist private, and `false` may be ignored. */
  public: flag,
  images: z.array(WireImage).nullish(),
  items: contents,
  tracks: contents,
  owner: WireUser.nullish(),
  snapshot_id: text,
  type: text,
  uri: text,
  href: text,
  external_urls: urls,
});
export type WirePlaylist = z.infer<typeof WirePlaylist>;

/** A playlist asked for with `fields`: any part of it. */
export const WirePlaylistPart = WirePlaylist.partial();
export type WirePlaylistPart = z.infer<typeof WirePlaylistPart>;

/** `GET /playlists/{id}/images`. */
export const WireImages = z.array(WireImage);
export type WireImages = z.infer<typeof WireImages>;

/** `GET /me/playlists`: owned and followed ones. */
export const WirePlaylists = pageOf(WirePlaylist);
export type WirePlaylists = z.infer<typeof WirePlaylists>;

/** What POST, PUT and DELETE of playlist items answer. */
export const WireSnapshot = z.looseObject({ snapshot_id: z.string() });
export type WireSnapshot = z.infer<typeof WireSnapshot>;

/** `GET /search`: one page per requested type; Segue asks for tracks only. */
export const WireSearch = z.looseObject({
  tracks: pageOf(WireTrack).nullish(),
  artists: pageOf(WireArtist).nullish(),
  albums: pageOf(WireAlbum).nullish(),
});
export type WireSearch = z.infer<typeof WireSearch>;

/** Body of `POST /me/playlists`; `public` is true when absent. */
export const WireCreatePlaylist = z.looseObject({
  name: z.string(),
  description: z.string().optional(),
  public: z.boolean().optional(),
  collaborative: z.boolean().optional(),
});
export type WireCreatePlaylist = z.infer<typeof WireCreatePlaylist>;

/** Body of `PUT /playlists/{id}`: any of the fields. */
export const WireChangeDetails = WireCreatePlaylist.partial();
export type WireChangeDetails = z.infer<typeof WireChangeDetails>;

/** Most URIs one call may add or set. */
export const MAX_ITEMS_PER_CALL = 100;

/** Body of `POST /playlists/{id}/items`. */
export const WireAddItems = z.looseObject({
  uris: z.array(z.string()).max(MAX_ITEMS_PER_CALL),
  position: z.int().min(0).optional(),
});
export type WireAddItems = z.infer<typeof WireAddItems>;

/** Body of `PUT /playlists/{id}/items` when it replaces. */
export const WireReplaceItems = z.looseObject({ uris: z.array(z.string()).max(MAX_ITEMS_PER_CALL) });
export type WireReplaceItems = z.infer<typeof WireReplaceItems>;

/** Body of `PUT /playlists/{id}/items` when it moves a range. */
export const WireReorderItems = z.looseObject({
  range_start: z.int().min(0),
  insert_before: z.int().min(0),
  range_length: z.int().min(1).optional(),
  snapshot_id: z.string().optional(),
});
export type WireReorderItems = z.infer<typeof WireReorderItems>;

/** Body of `DELETE /playlists/{id}/items`: every occurrence of each URI goes. */
export const WireRemoveItems = z.looseObject({
  items: z.array(z.looseObject({ uri: z.string() })).max(MAX_ITEMS_PER_CALL),
  snapshot_id: z.string().optional(),
});
export type WireRemoveItems = z.infer<typeof WireRemoveItems>;

/** `POST /api/token`: no `refresh_token` on refresh since June 2026, `""` seen; `scope` is what was granted. */
export const WireToken = z.looseObject({
  access_token: z.string().min(1),
  token_type: z.string(),
  /** Life of the access token in seconds; of the refresh token nothing is said. */
  expires_in: z.number(),
  scope: text,
  refresh_token: text,
});
export type WireToken = z.infer<typeof WireToken>;

/** What the token endpoint answers with status 400. Branch on `error` only. */
export const WireTokenError = z.looseObject({ error: z.string(), error_description: text });
export type WireTokenError = z.infer<typeof WireTokenError>;

/** The Web API's JSON error; some 403 and 429 are plain text instead. `reason` says QUOTA_EXCEEDED for the day's quota. */
export const WireError = z.looseObject({
  error: z.looseObject({ status: number, message: text, reason: text }),
});
export type WireError = z.infer<typeof WireError>;
