import type { Playlist } from '../music/playlist.ts';
import { MARKER_PATTERN } from '../music/publication.ts';
import { readPlaylistValues } from './json-file.ts';
import { isObject, readLooseTrack, textIn } from './loose-track.ts';
import type { PlaylistFormat, ReadContext, SkippedPlaylist } from './playlist-format.ts';

// A model would learn its own taste from the playlists that Segue published.
const MADE_BY_SEGUE = new RegExp(MARKER_PATTERN);

/** `Playlist1.json`, `Playlist2.json`… of Spotify's account-data export: own and followed lists. */
export const accountPlaylists: PlaylistFormat = {
  name: 'account-data',
  detect: (head) =>
    /^\s*\{/.test(head) &&
    /"playlists"\s*:\s*\[/.test(head) &&
    /"(?:lastModifiedDate|items|numberOfFollowers)"\s*:/.test(head),
  async *read(files, context) {
    let number = 0;
    for await (const item of readPlaylistValues(files, context)) {
      yield 'skipped' in item ? item : readPlaylist(item.value, `${++number}`, context);
    }
  },
};

function readPlaylist(value: unknown, id: string, context: ReadContext): Playlist | SkippedPlaylist {
  if (!isObject(value)) return { skipped: 'not a playlist' };
  if (MADE_BY_SEGUE.test(textIn(value, 'description') ?? '')) return { skipped: 'made by Segue' };
  if (!Array.isArray(value.items)) return { skipped: 'tracks are not a list' };
  const tracks = value.items.flatMap((item: unknown) => {
    const track = isObject(item) ? readLooseTrack(item.track ?? item.localTrack) : undefined;
    if (track) return track;
    const isSpoken = isObject(item) && (isObject(item.episode) || isObject(item.audiobook));
    context.noteTracks(isSpoken ? 'podcast episode or audiobook' : 'names no track');
    return [];
  });
  if (tracks.length === 0) return { skipped: 'no tracks' };
  return { id, name: textIn(value, 'name') ?? '', tracks };
}
