import type { Playlist, PlaylistTrack } from '../music/playlist.ts';
import { fileStem, readWholeText } from './json-file.ts';
import { namedTrack } from './loose-track.ts';
import type { PlaylistFormat, ReadContext, SkippedPlaylist } from './playlist-format.ts';
import { findTrackId } from './spotify-link.ts';

/** M3U and M3U8: a line for each file or link, before it `#EXTINF:seconds,Artist - Title`; `#PLAYLIST:` names the list. */
export const m3u: PlaylistFormat = {
  name: 'm3u',
  // A list without any # line is only told by its name. #EXT-X lines are those of streamed video.
  detect: (head, name) =>
    !head.includes('#EXT-X-') &&
    (/^\ufeff?\s*#EXT(?:M3U|INF)/.test(head) || (/\.m3u8?$/i.test(name) && !head.includes('\0'))),
  async *read(files, context) {
    for await (const file of files) {
      const text = await readWholeText(file, context);
      yield typeof text === 'string' ? readM3u(text, file.name, context) : text;
      await context.breathe();
    }
  },
};

function readM3u(text: string, fileName: string, context: ReadContext): Playlist | SkippedPlaylist {
  const tracks: PlaylistTrack[] = [];
  let name = fileStem(fileName);
  let info = '';
  for (const line of text.split(/\r\n|\r|\n/).map((part) => part.trim())) {
    if (/^#EXTINF:/i.test(line)) info = line;
    else if (/^#PLAYLIST:/i.test(line)) name = line.slice('#PLAYLIST:'.length).trim() || name;
    else if (line !== '' && !line.startsWith('#')) {
      const { artist, title } = readInfo(info) ?? readFileName(line);
      const track = namedTrack(findTrackId(line), title, artist);
      if (track) tracks.push(track);
      else context.noteTracks('names no track');
      info = '';
    }
  }
  return tracks.length === 0 ? { skipped: 'no tracks' } : { id: fileName, name, tracks };
}

/** `#EXTINF:215 key="value",Artist - Title`. */
function readInfo(info: string): { artist?: string; title?: string } | undefined {
  const text = /^#EXTINF:\s*-?[\d.]*(?:\s+[\w-]+="[^"]*")*\s*,(.*)$/i.exec(info)?.[1]?.trim();
  return text ? splitName(text) : undefined;
}

/** `/music/Marrow & Tide/01 - Harbour Lights.mp3` says little for certain: only `Artist - Title.ext` is taken. */
function readFileName(path: string): { artist?: string; title?: string } {
  return splitName(fileStem(path.replaceAll('\\', '/')).replace(/^\d{1,3}[\s.-]+/, ''));
}

function splitName(text: string): { artist?: string; title?: string } {
  const parts = /^(.+?)\s+[-\u2013]\s+(.+)$/.exec(text);
  return parts ? { artist: parts[1]!, title: parts[2]! } : { title: text };
}
