import { SaxesParser } from 'saxes';
import { asError } from '../base/errors.ts';
import type { Playlist, PlaylistTrack } from '../music/playlist.ts';
import { fileStem, readWholeText } from './json-file.ts';
import { namedTrack } from './loose-track.ts';
import type { PlaylistFormat, ReadContext, SkippedPlaylist } from './playlist-format.ts';
import { findTrackId } from './spotify-link.ts';

/** XSPF (xspf.org/spec): XML with a trackList; VLC, Audacious, Soundiiz and others write it. */
export const xspf: PlaylistFormat = {
  name: 'xspf',
  detect: (head) => /^\ufeff?\s*</.test(head) && /<playlist\b[^>]*xspf\.org|<trackList\b/.test(head),
  async *read(files, context) {
    for await (const file of files) {
      const text = await readWholeText(file, context);
      yield typeof text === 'string' ? readXspf(text, file.name, context) : text;
      await context.breathe();
    }
  },
};

function readXspf(text: string, fileName: string, context: ReadContext): Playlist | SkippedPlaylist {
  const tracks: PlaylistTrack[] = [];
  let title = '';
  let track: { links: string[]; title?: string; creator?: string } | undefined;
  let content = '';
  const path: string[] = [];
  const parser = new SaxesParser();
  parser.on('opentag', (tag) => {
    path.push(localName(tag.name));
    content = '';
    if (path.at(-1) === 'track') track = { links: [] };
  });
  parser.on('text', (part) => {
    content += part;
  });
  parser.on('cdata', (part) => {
    content += part;
  });
  parser.on('closetag', () => {
    const name = path.pop();
    const value = content.trim();
    content = '';
    if (track && (name === 'location' || name === 'identifier' || name === 'meta' || name === 'link'))
      track.links.push(value);
    else if (track && (name === 'title' || name === 'creator')) track[name] = value;
    else if (name === 'title' && path.length === 1) title = value;
    else if (name === 'track' && track) {
      const read = namedTrack(findTrackId(track.links), track.title, track.creator);
      if (read) tracks.push(read);
      else context.noteTracks('names no track');
      track = undefined;
    }
  });
  let failure: Error | undefined;
  parser.on('error', (error) => {
    failure ??= error;
  });
  parser.write(text).close();
  if (failure) context.noteProblem(fileName, asError(failure).message);
  if (tracks.length === 0) return { skipped: failure ? 'not XML' : 'no tracks' };
  return { id: fileName, name: title || fileStem(fileName), tracks };
}

function localName(name: string): string {
  return name.slice(name.indexOf(':') + 1);
}
