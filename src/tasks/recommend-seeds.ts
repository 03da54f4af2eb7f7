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
import { leaveOutPlays, type PlaysLeft, seedAllowed } from '../recommend/taste-plays.ts';
import type { TasteRule } from '../recommend/taste-rules.ts';
import { readLikedTracks, readTopTracks } from '../store/favourites.ts';
import { readListens } from '../store/listens.ts';
import type { Database } from '../store/schema.ts';

export interface FoundSeeds {
  readonly matching: Matching;
  /** Where they are from, in words: "plays of the last 7 days". */
  readonly from: string;
  /** What taste rules left out of the plays of the period. */
  readonly leftOut: Omit<PlaysLeft<never>, 'kept'>;
}

/** Which plays count. */
export interface SeedRules {
  readonly rules: readonly TasteRule[];
  /** IANA time zone of their hours and days. */
  readonly timeZone: string;
}

const DAY_MS = 86_400_000;

/**
 * Seeds from the plays of the period; of a longer one where the model knows fewer than five of them, up to all of
 * history; then with liked songs and the account's top songs added. What a rule leaves out is none of them. Undefined where
 * there is nothing at all.
 */
export async function findSeeds(
  db: Kysely<Database>,
  listenerId: number,
  catalogue: Catalogue,
  { days, seeds: allowed, now }: { days: number; seeds: 'all' | 'export'; now: Date },
  { rules, timeZone }: SeedRules,
): Promise<FoundSeeds | undefined> {
  const sources = allowed === 'export' ? (['export'] as const) : (['api', 'export'] as const);
  let played: Seed[] = [];
  let from = '';
  let leftOut: FoundSeeds['leftOut'] = { leftOut: 0, effects: [] };
  for (const period of seedPeriods(days)) {
    const since = Number.isFinite(period) ? new Date(now.getTime() - period * DAY_MS) : null;
    const listens = await readListens(db, listenerId, { since, until: now }, sources);
    const { kept, ...effect } = leaveOutPlays(listens, rules, timeZone);
    leftOut = effect;
    played = weighPlays(kept, now, period);
    from = since === null ? 'all plays' : `plays of the last ${period === 1 ? 'day' : `${period} days`}`;
    const matching = matchSeeds(played.slice(0, MOST_SEEDS), catalogue);
    if (matching.matched.length >= ENOUGH_SEEDS) return { matching, from, leftOut };
  }
  const likes = (await readLikedTracks(db, listenerId, sources)).filter(seedAllowed(rules));
  const tops = allowed === 'export' ? [] : (await readTopTracks(db, listenerId)).filter(seedAllowed(rules));
  const liked = seedsFromFavourites(likes, 'liked', now);
  const top = seedsFromFavourites(tops, 'top', now);
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
    leftOut,
  };
}
