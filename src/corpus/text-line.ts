import type { Playlist, PlaylistTrack } from '../music/playlist.ts';
import { parseTrackId } from '../music/track.ts';
import type { SkippedPlaylist } from './playlist-format.ts';

/** One line of a text corpus: ids, URIs or links with white space between them. Undefined for an empty one. */
export function readTextLine(
  line: string,
  noteTracks: (reason: string, count?: number) => void,
): Playlist | SkippedPlaylist | undefined {
  const words = line.split(/\s+/).filter((word) => word !== '');
  if (words.length === 0) return undefined;
  const tracks: PlaylistTrack[] = [];
  for (const word of words) {
    const id = parseTrackId(word);
    if (id !== undefined) tracks.push({ id });
  }
  if (tracks.length === 0) return { skipped: 'no tracks' };
  if (tracks.length < words.length) noteTracks('names no track', words.length - tracks.length);
  return { id: '', name: '', tracks };
}
