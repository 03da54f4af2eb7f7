import { type Catalogue, type CatalogueTrack, keyOf } from './catalogue.ts';
import type { SeedRow } from './recommender.ts';
import type { Seed } from './seeds.ts';

export type MatchedBy = 'id' | 'isrc' | 'name';

export interface MatchedSeed {
  readonly seed: Seed;
  /** Row of the catalogue. */
  readonly row: number;
  readonly matchedBy: MatchedBy;
}

export interface Matching {
  readonly matched: readonly MatchedSeed[];
  readonly missing: readonly Seed[];
}

/** Finds each seed's row: by any id it was played under, then by ISRC, then by normalised artist and title. */
export function matchSeeds(seeds: readonly Seed[], catalogue: Catalogue): Matching {
  const matched: MatchedSeed[] = [];
  const missing: Seed[] = [];
  for (const seed of seeds) {
    const found = matchSeed(seed, catalogue);
    if (found === undefined) missing.push(seed);
    else matched.push({ seed, ...found });
  }
  return { matched, missing };
}

/** The row of one song, under whichever ids it is known. */
export function matchSeed(
  seed: CatalogueTrack & Pick<Seed, 'ids'>,
  catalogue: Catalogue,
): { row: number; matchedBy: MatchedBy } | undefined {
  for (const id of seed.ids) {
    const row = catalogue.rowOfId(id);
    if (row >= 0) return { row, matchedBy: 'id' };
  }
  const byIsrc = seed.isrc === undefined ? -1 : catalogue.rowOfIsrc(seed.isrc);
  if (byIsrc >= 0) return { row: byIsrc, matchedBy: 'isrc' };
  const byName = catalogue.rowOfRecording(keyOf(seed));
  return byName >= 0 ? { row: byName, matchedBy: 'name' } : undefined;
}

/** Seeds of recommenders: weights of seeds on the same row add up. */
export function seedRows(matched: readonly MatchedSeed[]): SeedRow[] {
  const weights = new Map<number, number>();
  for (const { row, seed } of matched) weights.set(row, (weights.get(row) ?? 0) + seed.weight);
  return Array.from(weights, ([row, weight]) => ({ row, weight }));
}

/** "found 23 of 25 (20 by id, 1 by ISRC, 2 by title and artist)". */
export function describeMatching({ matched, missing }: Matching): string {
  const counted = (['id', 'isrc', 'name'] as const).map(
    (way) => matched.filter((seed) => seed.matchedBy === way).length,
  );
  const ways = ['by id', 'by ISRC', 'by title and artist']
    .map((words, at) => `${counted[at]} ${words}`)
    .filter((_, at) => counted[at]! > 0);
  const total = matched.length + missing.length;
  return `found ${matched.length} of ${total}${ways.length === 0 ? '' : ` (${ways.join(', ')})`}`;
}
