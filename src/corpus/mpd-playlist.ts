import type { Playlist } from '../music/playlist.ts';
import { isObject, readLooseTrack, textIn } from './loose-track.ts';
import type { SkippedPlaylist } from './playlist-format.ts';

/** One playlist of a slice, however odd: reasons are told, and entries that name no track are counted. */
export function readMpdPlaylist(
  value: unknown,
  noteTracks: (reason: string, count?: number) => void,
): Playlist | SkippedPlaylist {
  if (!isObject(value)) return { skipped: 'not a playlist' };
  if (!Array.isArray(value.tracks)) return { skipped: 'tracks are not a list' };
  const tracks = value.tracks.map(readLooseTrack).filter((track) => track !== undefined);
  if (tracks.length === 0) return { skipped: 'no tracks' };
  if (tracks.length < value.tracks.length) noteTracks('names no track', value.tracks.length - tracks.length);
  return { id: String(value.pid ?? ''), name: textIn(value, 'name') ?? '', tracks };
}
