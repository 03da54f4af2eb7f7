import { normaliseName } from '../music/track.ts';

/** How well the listener knows an artist. */
export interface ArtistFamiliarity {
  /** 0 (never listened to) to below 1, of the best-known artist credited. */
  of(artists: readonly string[]): number;
  /** Whether any of them was ever listened to. */
  knows(artists: readonly string[]): boolean;
}

/** With two more listens taken for granted, one alone makes nobody familiar: .25 at most. */
const SMOOTHING = 2;

/**
 * Familiarity n / (n + N / A + 2): n listens of the artist, as primary artist or guest, among N credits of A artists. An artist heard as
 * much as the mean one stands just below .5. `names` without a listen (heard once and skipped, say) are known, with familiarity 0.
 */
export function artistFamiliarity(
  listens: Iterable<{ readonly artists: readonly string[] }>,
  names: Iterable<string> = [],
): ArtistFamiliarity {
  const counts = new Map<string, number>();
  // Artists of a track are one array at every listen of it: names are normalised once.
  const keys = new Map<readonly string[], readonly string[]>();
  let credits = 0;
  for (const { artists } of listens) {
    const known = keys.get(artists) ?? artistKeys(artists);
    keys.set(artists, known);
    for (const key of known) counts.set(key, (counts.get(key) ?? 0) + 1);
    credits += known.length;
  }
  const half = credits / Math.max(1, counts.size) + SMOOTHING;
  for (const name of names) {
    const key = normaliseName(name) || name;
    if (!counts.has(key)) counts.set(key, 0);
  }
  return {
    of(artists) {
      const n = Math.max(0, ...artistKeys(artists).map((key) => counts.get(key) ?? 0));
      return n / (n + half);
    },
    knows: (artists) => artistKeys(artists).some((key) => counts.has(key)),
  };
}

/** What artists are told apart by, each once. */
export function artistKeys(artists: readonly string[]): string[] {
  return [...new Set(artists.map((name) => normaliseName(name) || name))].filter((key) => key !== '');
}
