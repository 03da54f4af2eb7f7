import type { Track } from './track.ts';

/** A playlist from any source: its tracks in order, with what the source says of each. */
export interface Playlist {
  /** Unique within its source. */
  readonly id: string;
  readonly name: string;
  readonly tracks: readonly PlaylistTrack[];
  /** ISO date of the snapshot, where the source has one. */
  readonly date?: string;
}

/** `id` is absent where the file names a track only by title and artist (M3U, JSPF, ListenBrainz without mapping). */
export type PlaylistTrack = Partial<Track> & { readonly title?: string; readonly artists?: readonly string[] };
