/**
 * Playlists as a scanner hands them over, in order: numbers and bytes only, so that they go from thread to thread as they
 * are. Tracks have the scanner's own numbers; its batches must be added in the order in which it gave them.
 */
export interface PlaylistBatch {
  readonly tokens: Uint32Array;
  /** Three numbers each: tokens, bytes of the name, descriptions that come before the name. */
  readonly playlists: Uint32Array;
  /** Four numbers each: track, bytes of title, of artists (joined by ARTIST_SEPARATOR) and of ISRC. */
  readonly descriptions: Uint32Array;
  /** The UTF-8 texts that the two above measure, in order. */
  readonly texts: Uint8Array;
  /** 22 bytes a track, of those that have the numbers after the ones in earlier batches. */
  readonly newIds: Uint8Array;
}

/** What became of the playlists of one file. read = kept + the sum of skipped. */
export interface ScannedFile {
  read: number;
  kept: number;
  readonly skipped: Record<string, number>;
  readonly trackNotes: Record<string, number>;
  /** Why the file could be read only in part. */
  problem?: string;
}
