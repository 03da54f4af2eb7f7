import type { SourceFile } from '../base/source-files.ts';
import type { Playlist, PlaylistTrack } from '../music/playlist.ts';
import { fileStem, readWholeJson, readWholeText } from './json-file.ts';
import { isObject, readLooseTracks, textIn } from './loose-track.ts';
import type { PlaylistFormat, ReadContext, SkippedPlaylist } from './playlist-format.ts';

const TABLE_HEADER = '| No. | Title | Artist(s) | Album | Length |';

/**
 * A clone of github.com/mackorone/spotify-playlist-archive: one file a playlist in `playlists/pretty`, as Markdown tables
 * named by the playlist until 2021, as `<id>.json` beside `<id>.md` since. The lists in `plain` and `cumulative` are the
 * same tracks in alphabetical order, so their sequence teaches nothing, and are left alone.
 */
export const playlistArchiveClone: PlaylistFormat = {
  name: 'playlist-archive-clone',
  detect: (head) =>
    head.includes(TABLE_HEADER) ||
    (/^\s*\{/.test(head) && /"snapshot_id"\s*:/.test(head) && /"(?:original_name|unique_name)"\s*:/.test(head)),
  async *read(files, context) {
    const inJson = new Set<string>();
    for await (const file of files) {
      await context.breathe();
      if (file.name.endsWith('.json')) {
        inJson.add(fileStem(file.name));
        yield await readJsonList(file, context);
      } else if (inJson.has(fileStem(file.name))) {
        yield { skipped: 'Markdown of a playlist that is there as JSON' };
      } else yield await readMarkdownList(file, context);
    }
  },
};

async function readJsonList(file: SourceFile, context: ReadContext): Promise<Playlist | SkippedPlaylist> {
  const read = await readWholeJson(file, context);
  if ('skipped' in read) return read;
  const { value } = read;
  if (!isObject(value) || !Array.isArray(value.tracks)) return { skipped: 'tracks are not a list' };
  const tracks = readLooseTracks(value.tracks, context);
  const name = textIn(value, 'unique_name', 'original_name', 'name') ?? '';
  return tracks.length === 0 ? { skipped: 'no tracks' } : { id: fileStem(file.name), name, tracks };
}

// `| 1 | [Title](https://open.spotify.com/track/ID) | [Artist](…), [Artist](…) | …`; titles hold escaped and plain `|` and `]`.
const ROW = /^\|\s*\d+\s*\|\s*\[(.*?)\]\(https:\/\/open\.spotify\.com\/track\/([0-9A-Za-z]{22})\)\s*\|(.*)$/;
const ARTIST = /\[(.*?)\]\(https:\/\/open\.spotify\.com\/artist\/[0-9A-Za-z]{22}\)/g;

async function readMarkdownList(file: SourceFile, context: ReadContext): Promise<Playlist | SkippedPlaylist> {
  const text = await readWholeText(file, context);
  if (typeof text !== 'string') return text;
  const heading = /^###\s+\[(.*)\]\(https:\/\/open\.spotify\.com\/playlist\/([0-9A-Za-z]{22})\)/m.exec(text);
  const tracks: PlaylistTrack[] = [];
  let unreadable = 0;
  for (const line of text.slice(text.indexOf(TABLE_HEADER)).split('\n').slice(2)) {
    const row = ROW.exec(line);
    if (row) {
      const artists = [...row[3]!.matchAll(ARTIST)].map((match) => unescapeMarkdown(match[1]!));
      tracks.push({ id: row[2]!, title: unescapeMarkdown(row[1]!), ...(artists.length > 0 ? { artists } : {}) });
    } else if (line.startsWith('|')) unreadable++;
  }
  if (unreadable > 0) context.noteTracks('names no track', unreadable);
  if (tracks.length === 0) return { skipped: 'no tracks' };
  return {
    id: heading?.[2] ?? fileStem(file.name),
    name: unescapeMarkdown(heading?.[1] ?? fileStem(file.name)),
    tracks,
  };
}

function unescapeMarkdown(text: string): string {
  return text.replace(/\\([^0-9A-Za-z\s])/g, '$1').trim();
}
