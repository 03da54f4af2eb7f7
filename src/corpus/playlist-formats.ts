import { accountPlaylists } from './account-playlists.ts';
import { playlistArchiveClone } from './archive-clone.ts';
import { exportify } from './exportify.ts';
import { jsonLines, playlistArchive } from './jsonl.ts';
import { jspf } from './jspf.ts';
import { listenBrainz } from './listenbrainz.ts';
import { m3u } from './m3u.ts';
import { millionPlaylistDataset } from './mpd.ts';
import { pairTable } from './pair-tables.ts';
import type { PlaylistFormat } from './playlist-format.ts';
import { textLines } from './text-lines.ts';
import { xspf } from './xspf.ts';

/** Every playlist format Segue reads, the more particular before the more general: the first that knows a file reads it. */
export const playlistFormats: readonly PlaylistFormat[] = [
  millionPlaylistDataset,
  accountPlaylists,
  playlistArchiveClone,
  jspf,
  listenBrainz,
  playlistArchive,
  jsonLines,
  pairTable,
  exportify,
  xspf,
  m3u,
  textLines,
];
