import type { Playlist, PlaylistTrack } from '../music/playlist.ts';
import { fileStem, readWholeJson } from './json-file.ts';
import { isObject, namedTrack, textIn } from './loose-track.ts';
import type { PlaylistFormat, ReadContext, SkippedPlaylist } from './playlist-format.ts';
import { findTrackId } from './spotify-link.ts';

/** JSPF (xspf.org/jspf), as ListenBrainz and others export playlists: `{"playlist": {"title", "track": [...]}}`. */
export const jspf: PlaylistFormat = {
  name: 'jspf',
  detect: (head) => /^\ufeff?\s*\{\s*"playlist"\s*:\s*\{/.test(head),
  async *read(files, context) {
    for await (const file of files) {
      const read = await readWholeJson(file, context);
      yield 'skipped' in read ? read : readJspf(read.value, file.name, context);
      await context.breathe();
    }
  },
};

function readJspf(value: unknown, fileName: string, context: ReadContext): Playlist | SkippedPlaylist {
  const playlist = isObject(value) ? value.playlist : undefined;
  if (!isObject(playlist)) return { skipped: 'not a playlist' };
  if (!Array.isArray(playlist.track)) return { skipped: 'tracks are not a list' };
  const tracks: PlaylistTrack[] = [];
  for (const entry of playlist.track) {
    const track = isObject(entry)
      ? namedTrack(findTrackId(entry), textIn(entry, 'title'), textIn(entry, 'creator'))
      : undefined;
    if (track) tracks.push(track);
    else context.noteTracks('names no track');
  }
  if (tracks.length === 0) return { skipped: 'no tracks' };
  return { id: fileName, name: textIn(playlist, 'title') ?? fileStem(fileName), tracks };
}
