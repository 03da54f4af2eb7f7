import type { Json } from '../base/task.ts';
import { OUTCOMES, type Outcome } from './outcomes.ts';

/** How many songs each outcome has; of a recommender, sums of its shares in them. */
export type OutcomeCounts = { readonly [outcome in Outcome]: number };

/** kept / (kept + skipped + ignored), 0 to 1, with its interval; the rate is null, and the interval all of it, where nothing is settled. */
export interface KeepRate {
  /** Songs it is of: settled ones. */
  readonly of: number;
  readonly kept: number;
  readonly rate: number | null;
  readonly low: number;
  readonly high: number;
}

/** A song of an edition, as rates need it. */
export interface RatedSong {
  readonly outcome: Outcome;
  /** Whether its window is over. Others have counts but no rate: what is kept is seen at once, what is ignored only at the end. */
  readonly settled: boolean;
  readonly recommender: string;
  /** Of the edition's item; `shares` in it says what share of the score each recommender brought. */
  readonly facts: Json;
}

export interface OutcomeSummary {
  readonly counts: OutcomeCounts;
  readonly rate: KeepRate;
}

/** Less of a score is what rounding leaves. */
const LEAST_SHARE = 1e-6;

/** Standard errors to either side that hold 95 %. */
const Z = 1.959964;

/**
 * The interval of a share of which `kept` of `of` were seen, with 95 % confidence (Wilson 1927, "Probable inference, the law of
 * succession, and statistical inference"): good for small numbers and for shares near 0 and 1, where p ± 1.96 standard errors
 * is not. Both may be fractions. Of nothing: 0 to 1.
 */
export function wilsonInterval(kept: number, of: number): { readonly low: number; readonly high: number } {
  if (of <= 0) return { low: 0, high: 1 };
  const share = kept / of;
  const spread = Z ** 2 / of;
  const centre = (share + spread / 2) / (1 + spread);
  const half = (Z / (1 + spread)) * Math.sqrt((share * (1 - share)) / of + spread / (4 * of));
  // At 0 and at all of them one end is the share itself; rounding may miss it by a bit.
  return { low: Math.max(0, Math.min(share, centre - half)), high: Math.min(1, Math.max(share, centre + half)) };
}

/** All songs alike. */
export function summariseOutcomes(songs: readonly RatedSong[]): OutcomeSummary {
  return summarise(songs.map((song) => ({ song, share: 1 })));
}

/**
 * Each recommender by the songs that are to its credit, by name. n of the interval is the sum of its shares: half a song is half
 * an observation, which makes intervals wider, never narrower, than counting whole songs would.
 */
export function summariseByRecommender(songs: readonly RatedSong[]): Map<string, OutcomeSummary> {
  const credited = songs.flatMap((song) =>
    Array.from(creditsOf(song), ([recommender, share]) => ({ recommender, song, share })),
  );
  const byName = Map.groupBy(credited, ({ recommender }) => recommender);
  return new Map(
    Array.from(byName, ([name, parts]) => [name, summarise(parts)] as const).sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}

/**
 * Who gets how much of the credit for a song: each recommender its share of the score, 0 to 1, where the facts have usable
 * shares (more than 1 together are scaled down to 1), else the one that proposed it all of it.
 */
export function creditsOf({ recommender, facts }: Pick<RatedSong, 'recommender' | 'facts'>): Map<string, number> {
  const shares = objectIn(facts, 'shares');
  const usable = Object.entries(shares).flatMap(([name, share]): [string, number][] =>
    typeof share === 'number' && share >= LEAST_SHARE && share <= 1 ? [[name, share]] : [],
  );
  if (usable.length === 0) return new Map([[recommender, 1]]);
  const all = Math.max(
    1,
    usable.reduce((sum, [, share]) => sum + share, 0),
  );
  return new Map(usable.map(([name, share]) => [name, share / all]));
}

/** The object under a name of an item's facts; empty where there is none. */
export function objectIn(facts: Json, name: string): { readonly [name: string]: Json } {
  const value = facts !== null && typeof facts === 'object' && !Array.isArray(facts) ? facts[name] : undefined;
  return value !== null && typeof value === 'object' && !Array.isArray(value) ? value : {};
}

function summarise(parts: readonly { readonly song: RatedSong; readonly share: number }[]): OutcomeSummary {
  const counts = Object.fromEntries(OUTCOMES.map((outcome) => [outcome, 0])) as { [outcome in Outcome]: number };
  let [kept, of] = [0, 0];
  for (const { song, share } of parts) {
    counts[song.outcome] += share;
    if (!song.settled) continue;
    of += share;
    if (song.outcome === 'kept') kept += share;
  }
  return { counts, rate: { of, kept, rate: of > 0 ? kept / of : null, ...wilsonInterval(kept, of) } };
}
