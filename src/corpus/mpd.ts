import { readPlaylistValues } from './json-file.ts';
import { readMpdPlaylist } from './mpd-playlist.ts';
import type { PlaylistFormat } from './playlist-format.ts';
import { scanFiles } from './scan-files.ts';

/**
 * Million Playlist Dataset (RecSys Challenge 2018): slices `mpd.slice.<from>-<to>.json` of 1,000 playlists each, and the
 * challenge set. `read` is the plain reading and the truth; `readInto` (playlist-scanner.ts) must give the same corpus.
 */
export const millionPlaylistDataset: PlaylistFormat = {
  name: 'million-playlist-dataset',
  detect: (head) =>
    /^\s*\{/.test(head) && /"playlists"\s*:\s*\[/.test(head) && /"(?:pid|track_uri|num_holdouts)"\s*:/.test(head),
  async *read(files, context) {
    for await (const item of readPlaylistValues(files, context)) {
      yield 'skipped' in item ? item : readMpdPlaylist(item.value, context.noteTracks);
    }
  },
  readInto: (files, context, writer) => scanFiles('slice', files, context, writer),
};
