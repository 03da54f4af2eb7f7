import type { Kysely } from 'kysely';
import type { Catalogue } from '../recommend/catalogue.ts';
import { type Matching, matchSeeds } from '../recommend/matching.ts';
import {
  ENOUGH_SEEDS,
  MOST_SEEDS,
  type Seed,
  seedPeriods,
  seedsFromFavourites,
  weighPlays,
} from '../recommend/seeds.ts';
import { readLikedTracks, readTopTracks } from '../store/favourites.ts';
import { readListens } from '../store/listens.ts';
import type { Database } from '../store/schema.ts';

export interface FoundSeeds {
  readonly matching: Matching;
  /** Where they are from, in words: "plays of the last 7 days". */
  readonly from: string;
}

const DAY_MS = 86_400_000;

/**
 * Seeds from the plays of the period; of a longer one where the model knows fewer than five of them, up to all of
 * history; then with liked songs and the account's top songs added. Undefined where there is nothing at all.
 */
export async function findSeeds(
  db: Kysely<Database>,
  listenerId: number,
  catalogue: Catalogue,
  { days, seeds: allowed, now }: { days: number; seeds: 'all' | 'export'; now: Date },
): Promise<FoundSeeds | undefined> {
  const sources = allowed === 'export' ? (['export'] as const) : (['api', 'export'] as const);
  let played: Seed[] = [];
  let from = '';
  for (const period of seedPeriods(days)) {
    const since = Number.isFinite(period) ? new Date(now.getTime() - period * DAY_MS) : null;
    played = weighPlays(await readListens(db, listenerId, { since, until: now }, sources), now, period);
    from = since === null ? 'all plays' : `plays of the last ${period === 1 ? 'day' : `${period} days`}`;
    const matching = matchSeeds(played.slice(0, MOST_SEEDS), catalogue);
    if (matching.matched.length >= ENOUGH_SEEDS) return { matching, from };
  }
  const liked = seedsFromFavourites(await readLikedTracks(db, listenerId, sources), 'liked', now);
  const top = allowed === 'export' ? [] : seedsFromFavourites(await readTopTracks(db, listenerId), 'top', now);
  const origins = [
    { seeds: played, words: from },
    { seeds: liked, words: 'liked songs' },
    { seeds: top, words: 'top songs' },
  ].filter(({ seeds }) => seeds.length > 0);
  if (origins.length === 0) return undefined;
  const distinct = new Map<string, Seed>();
  for (const seed of origins.flatMap(({ seeds }) => seeds)) if (!distinct.has(seed.id)) distinct.set(seed.id, seed);
  return {
    matching: matchSeeds([...distinct.values()].slice(0, MOST_SEEDS), catalogue),
    from: origins.map(({ words }) => words).join(' and '),
  };
}
