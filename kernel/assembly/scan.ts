// Walks over the bytes of playlists, sixteen at a time, and turns track ids into numbers: slices of the Million Playlist
// Dataset, and lines of ids. src/corpus/scan-kernel.ts is its other side. src/corpus/mpd-playlist.ts and text-lines.ts say
// what it must give; whatever is not exactly as expected is left to them (ODD).

export {
  DESCRIPTIONS,
  ID,
  IDS,
  MOST_DESCRIPTIONS,
  MOST_PLAYLISTS,
  MOST_TOKENS,
  PLAYLISTS,
  TEXT_BYTES,
  TEXTS,
  TOKENS,
  WINDOW,
  WINDOW_BYTES,
} from './scan-areas';
export { endAt, valueEnd } from './scan-bytes';
export { linesStatus, scanLines } from './scan-lines';
export {
  clearResults,
  descriptions,
  endPlaylist,
  playlists,
  untrimmedTexts,
  recordPlaylist,
  textBytes,
  tokens,
} from './scan-results';
export { findList, playlistEnd, scanSlice, status } from './scan-slice';
export {
  copyIds,
  describe,
  entriesAt,
  intern,
  internAll,
  isDescribed,
  setUp,
  vocabularySize,
} from './scan-vocabulary';
