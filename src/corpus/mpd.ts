import { readJsonArray } from '../base/json-array.ts';
import { readMpdPlaylist } from './mpd-playlist.ts';
import { scanMpdFiles } from './mpd-scan.ts';
import type { PlaylistFormat, SkippedPlaylist } from './playlist-format.ts';

/**
 * Million Playlist Dataset (RecSys Challenge 2018): slices `mpd.slice.<from>-<to>.json` of 1,000 playlists each, and the
 * challenge set. `read` is the plain reading and the truth; `readInto` (mpd-scan.ts) must give the same corpus.
 */
export const millionPlaylistDataset: PlaylistFormat = {
  name: 'million-playlist-dataset',
  detect: (head) =>
    /^\s*\{/.test(head) && /"playlists"\s*:\s*\[/.test(head) && /"(?:pid|track_uri|num_holdouts)"\s*:/.test(head),
  async *read(files, context) {
    for await (const file of files) {
      const problems: SkippedPlaylist[] = [];
      const onProblem = ({ kind, why }: { kind: string; why: string }) => {
        problems.push({ skipped: kind === 'bad-item' ? 'not JSON' : 'cut short' });
        if (kind !== 'bad-item') context.noteProblem(file.name, why);
      };
      for await (const value of readJsonArray(file.stream(), { key: 'playlists', onProblem })) {
        yield* problems.splice(0);
        yield readMpdPlaylist(value, context.noteTracks);
      }
      yield* problems;
      await context.breathe();
    }
  },
  readInto: scanMpdFiles,
};
