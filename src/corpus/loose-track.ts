import type { PlaylistTrack } from '../music/playlist.ts';
import { parseTrackId } from '../music/track.ts';
import type { ReadContext } from './playlist-format.ts';
import type { SideTables } from './side-tables.ts';

export type JsonObject = Record<string, unknown>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The first of these keys that holds a non-empty text. */
export function textIn(object: JsonObject, ...keys: string[]): string | undefined {
  for (const key of keys) {
    const value = object[key];
    if (typeof value === 'string' && value.trim() !== '') return value.trim();
  }
  return undefined;
}

/**
 * A track as playlist files write it: an id, URI or link as text, or an object with any of the usual keys for them, for
 * the title, the artists and the ISRC. Undefined when nothing in it names a track.
 */
export function readLooseTrack(value: unknown): PlaylistTrack | undefined {
  if (typeof value === 'string') {
    const id = parseTrackId(value);
    return id === undefined ? undefined : { id };
  }
  if (!isObject(value)) return undefined;
  const link = textIn(value, 'track_uri', 'trackUri', 'uri', 'url', 'track_id', 'spotify_id', 'id');
  const id = link === undefined ? undefined : parseTrackId(link);
  const title = textIn(value, 'track_name', 'trackName', 'title', 'name');
  const artists = readArtists(value);
  const isrc = textIn(value, 'isrc');
  if (id === undefined && (title === undefined || artists.length === 0)) return undefined;
  return {
    ...(id === undefined ? {} : { id }),
    ...(title === undefined ? {} : { title }),
    ...(artists.length === 0 ? {} : { artists }),
    ...(isrc === undefined ? {} : { isrc: isrc.toUpperCase() }),
  };
}

function readArtists(track: JsonObject): string[] {
  const single = textIn(track, 'artist_name', 'artistName', 'artist', 'creator');
  if (!Array.isArray(track.artists)) return [single ?? textIn(track, 'artists')].filter((name) => name !== undefined);
  return track.artists
    .map((artist: unknown) => (isObject(artist) ? textIn(artist, 'name') : artist))
    .filter((name): name is string => typeof name === 'string' && name.trim() !== '');
}

/** Tracks of a list in any of the usual shapes; entries that name none are counted. */
export function readLooseTracks(list: readonly unknown[], context: ReadContext): PlaylistTrack[] {
  const tracks = list.map(readLooseTrack).filter((track) => track !== undefined);
  if (tracks.length < list.length) context.noteTracks('names no track', list.length - tracks.length);
  return tracks.map((track) => describeTrack(track, context.tables));
}

/** The track with what the source's track table says of it. */
export function describeTrack(track: PlaylistTrack, tables: SideTables): PlaylistTrack {
  const row = track.id === undefined ? undefined : tables.tracks.get(track.id);
  return row ? { ...row, ...track } : track;
}

/** A track of which an id, or title and artist are known; undefined for anything less. */
export function namedTrack(
  id: string | undefined,
  title: string | undefined,
  artist: string | undefined,
): PlaylistTrack | undefined {
  if (id === undefined && !(title && artist)) return undefined;
  return { ...(id && { id }), ...(title && { title }), ...(artist && { artists: [artist] }) };
}
