import { keyOf } from './catalogue.ts';
import type { RecordingIdentity } from './known-recordings.ts';
import type { FavouriteTrack, ListenedTrack } from './seeds.ts';

/** A recording with any play, skipped ones as well. */
export interface HeardRecording extends RecordingIdentity {
  readonly lastPlayedAt: Date;
}

/** All that recipes ask of a listener. */
export interface ListeningHistory {
  /** Every listen of 30 s or more or of unknown length, in any order. */
  readonly listens: readonly ListenedTrack[];
  readonly heard: readonly HeardRecording[];
  readonly liked: readonly FavouriteTrack[];
  /** Every like, where `liked` are only those that may be started from (docs/policy.md). Absent: the same. */
  readonly everyLike?: readonly RecordingIdentity[];
  /** Spotify's top songs of the account, best first. */
  readonly top: readonly FavouriteTrack[];
  /** Songs of each playlist that a recipe names, by the name or id it calls it; one that is missing is not there. */
  readonly playlists: ReadonlyMap<string, readonly FavouriteTrack[]>;
}

/** Says which recording a track is of. Titles are normalised once for each track id, not once a listen. */
export function recordingKeys(): (track: ListenedTrack | FavouriteTrack) => string {
  const keys = new Map<string, string>();
  return (track) => {
    const key = keys.get(track.id) ?? keyOf(track);
    keys.set(track.id, key);
    return key;
  };
}
