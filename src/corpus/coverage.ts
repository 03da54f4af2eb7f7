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
  /** A number for the track of this id, or -1. */
  indexOf(id: string): number;
  isrcs(): Iterable<readonly [isrc: string, index: number]>;
  recordings(wanted: ReadonlySet<string>, breathe: () => Promise<void>): Promise<ReadonlyMap<string, number>>;
}

/**
 * The track of each played one, by id, else by ISRC, else by title and artist; -1 for those that are not known. `breathe`
 * gives the event loop a turn: two million tracks take a second.
 */
export async function findPlayed(
  known: KnownTracks,
  played: readonly Played[],
  breathe: () => Promise<void>,
): Promise<number[]> {
  const found = played.map(({ trackId }) => known.indexOf(trackId));
  const missing = played.filter((_, i) => found[i]! < 0);
  const isrcs = new Map<string, number>();
  const wanted = new Set(missing.map(({ isrc }) => isrc));
  if (missing.some(({ isrc }) => isrc !== null)) {
    let looked = 0;
    for (const [isrc, index] of known.isrcs()) {
      if (wanted.has(isrc) && !isrcs.has(isrc)) isrcs.set(isrc, index);
      if (++looked % 4096 === 0) await breathe();
    }
  }
  const recordings = await known.recordings(new Set(missing.map(({ recordingKey }) => recordingKey)), breathe);
  return played.map(({ isrc, recordingKey }, i) => {
    if (found[i]! >= 0) return found[i]!;
    return (isrc === null ? undefined : isrcs.get(isrc)) ?? recordings.get(recordingKey) ?? -1;
  });
}

/** Share (0 to 1) of all plays whose track is known; null without plays. */
export async function shareOfPlaysCovered(
  known: KnownTracks,
  played: readonly Played[],
  breathe: () => Promise<void>,
): Promise<number | null> {
  const found = await findPlayed(known, played, breathe);
  return shareOfPlays(played, (i) => found[i]! >= 0);
}

/** Share of the plays of those played tracks that `isCovered`; null without plays. */
export function shareOfPlays(played: readonly Played[], isCovered: (i: number) => boolean): number | null {
  const total = played.reduce((sum, { plays }) => sum + plays, 0);
  if (total === 0) return null;
  return played.reduce((sum, { plays }, i) => (isCovered(i) ? sum + plays : sum), 0) / total;
}

export function knownInVocabulary(vocabulary: Vocabulary): KnownTracks {
  return {
    indexOf: (id) => vocabulary.indexOf(id),
    *isrcs() {
      for (let index = 0; index < vocabulary.size; index++) {
        const isrc = vocabulary.isrc(index);
        if (isrc !== undefined) yield [isrc, index];
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
    indexOf: (id) => (ids.has(id) ? 0 : -1),
    isrcs: () => known.flatMap(({ isrc }) => (isrc === null ? [] : [[isrc, 0] as const])),
    recordings: async () => new Map(known.map(({ recordingKey }) => [recordingKey, 0])),
  };
}
