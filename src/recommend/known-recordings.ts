import { type CatalogueTrack, keyOf } from './catalogue.ts';

/** A track as what it is a recording of. */
export interface RecordingIdentity {
  readonly id: string;
  readonly isrc?: string | undefined;
  readonly recordingKey: string;
}

/** A set of recordings: a track belongs to it when its id, its ISRC or its normalised artist and title do. */
export interface KnownRecordings {
  has(track: RecordingIdentity): boolean;
  add(track: RecordingIdentity): void;
}

export function knownRecordings(tracks: Iterable<RecordingIdentity> = []): KnownRecordings {
  const ids = new Set<string>();
  const isrcs = new Set<string>();
  const keys = new Set<string>();
  const known: KnownRecordings = {
    has: ({ id, isrc, recordingKey }) =>
      ids.has(id) || (isrc !== undefined && isrcs.has(isrc)) || keys.has(recordingKey),
    add({ id, isrc, recordingKey }) {
      ids.add(id);
      if (isrc !== undefined) isrcs.add(isrc);
      keys.add(recordingKey);
    },
  };
  for (const track of tracks) known.add(track);
  return known;
}

export function identityOf(track: CatalogueTrack): RecordingIdentity {
  return { id: track.id, isrc: track.isrc, recordingKey: keyOf(track) };
}
