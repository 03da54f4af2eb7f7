import { findRecordings } from './recording-lookup.ts';
import type { Vocabulary } from './vocabulary.ts';

/** A played track, and how often it was played. */
export interface Played {
  readonly trackId: string;
  readonly recordingKey: string;
  readonly isrc: string | null;
  readonly plays: number;
}

/** Tracks by id, ISRC and recording: the three ways in which a play finds its track in a corpus. */
export interface KnownTracks {
  hasId(id: string): boolean;
  isrcs(): Iterable<string>;
  recordings(wanted: ReadonlySet<string>, breathe: () => Promise<void>): Promise<{ has(key: string): boolean }>;
}

/**
 * Share (0 to 1) of all plays whose track is known by id, else by ISRC, else by title and artist; null without plays.
 * `breathe` gives the event loop a turn: two million tracks take a second.
 */
export async function shareOfPlaysCovered(
  known: KnownTracks,
  played: readonly Played[],
  breathe: () => Promise<void>,
): Promise<number | null> {
  const total = played.reduce((sum, { plays }) => sum + plays, 0);
  if (total === 0) return null;
  const byName = played.filter(({ trackId }) => !known.hasId(trackId));
  const wantedIsrcs = new Set(byName.map(({ isrc }) => isrc).filter((isrc) => isrc !== null));
  const isrcs = new Set<string>();
  if (wantedIsrcs.size > 0) {
    let looked = 0;
    for (const isrc of known.isrcs()) {
      if (wantedIsrcs.has(isrc)) isrcs.add(isrc);
      if (++looked % 4096 === 0) await breathe();
    }
  }
  const recordings = await known.recordings(new Set(byName.map(({ recordingKey }) => recordingKey)), breathe);
  const missing = byName
    .filter(({ isrc, recordingKey }) => !(isrc !== null && isrcs.has(isrc)) && !recordings.has(recordingKey))
    .reduce((sum, { plays }) => sum + plays, 0);
  return (total - missing) / total;
}

export function knownInVocabulary(vocabulary: Vocabulary): KnownTracks {
  return {
    hasId: (id) => vocabulary.indexOf(id) >= 0,
    *isrcs() {
      for (let index = 0; index < vocabulary.size; index++) {
        const isrc = vocabulary.isrc(index);
        if (isrc !== undefined) yield isrc;
      }
    },
    recordings: (wanted, breathe) =>
      findRecordings(
        {
          size: vocabulary.size,
          title: (index) => vocabulary.title(index),
          primaryArtist: (index) => vocabulary.artists(index)[0] ?? '',
          count: (index) => vocabulary.counts[index]!,
        },
        wanted,
        breathe,
      ),
  };
}

export function knownAmong(played: readonly Played[], ids: ReadonlySet<string>): KnownTracks {
  const known = played.filter(({ trackId }) => ids.has(trackId));
  return {
    hasId: (id) => ids.has(id),
    isrcs: () => known.map(({ isrc }) => isrc).filter((isrc) => isrc !== null),
    recordings: async () => new Set(known.map(({ recordingKey }) => recordingKey)),
  };
}
