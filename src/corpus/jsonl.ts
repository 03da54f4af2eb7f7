import { readJsonLines } from '../base/json-lines.ts';
import type { Playlist } from '../music/playlist.ts';
import { isObject, readLooseTracks, textIn } from './loose-track.ts';
import type { PlaylistFormat, ReadContext, SkippedPlaylist } from './playlist-format.ts';

const ONE_LINE_PLAYLIST = /^\ufeff?\s*\{[^\n]*?"tracks"\s*:\s*\[/;

/**
 * One playlist a line: `{"id", "name", "date"?, "tracks": [...]}`, tracks as ids, URIs or objects. With `date` the lines
 * are snapshots: the bundled playlist archive is such a file, with a table of its tracks beside it.
 */
export const jsonLines: PlaylistFormat = {
  name: 'jsonl',
  detect: (head) => ONE_LINE_PLAYLIST.test(head) && !/^[^\n]*"date"\s*:/.test(head),
  read: readPlaylistLines,
};

export const playlistArchive: PlaylistFormat = {
  name: 'playlist-archive',
  detect: (head) => ONE_LINE_PLAYLIST.test(head) && /^[^\n]*"date"\s*:\s*"\d{4}-\d\d-\d\d/.test(head),
  read: readPlaylistLines,
};

async function* readPlaylistLines(
  files: Parameters<PlaylistFormat['read']>[0],
  context: ReadContext,
): AsyncGenerator<Playlist | SkippedPlaylist> {
  for await (const file of files) {
    let line = 0;
    const problems: SkippedPlaylist[] = [];
    const values = readJsonLines(file.stream(), ({ kind }) =>
      problems.push({ skipped: kind === 'truncated' ? 'cut short' : 'not JSON' }),
    );
    for await (const batch of values) {
      for (const value of batch) yield readLine(value, `${file.name}:${++line}`, context);
      yield* problems.splice(0);
      await context.breathe();
    }
    yield* problems;
  }
}

function readLine(value: unknown, fallbackId: string, context: ReadContext): Playlist | SkippedPlaylist {
  if (!isObject(value)) return { skipped: 'not a playlist' };
  if (!Array.isArray(value.tracks)) return { skipped: 'tracks are not a list' };
  const tracks = readLooseTracks(value.tracks, context);
  if (tracks.length === 0) return { skipped: 'no tracks' };
  const date = textIn(value, 'date');
  const id = textIn(value, 'id') ?? (typeof value.id === 'number' ? String(value.id) : fallbackId);
  return {
    id,
    name: textIn(value, 'name', 'title') ?? context.tables.playlistNames.get(id) ?? '',
    tracks,
    ...(date === undefined ? {} : { date }),
  };
}
