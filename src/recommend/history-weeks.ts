import type { Catalogue } from './catalogue.ts';
import type { EvaluationCase } from './evaluate-recommenders.ts';
import { type HeardSongs, heardSongs, playedRows } from './heard-songs.ts';
import { matchSeeds, seedRows } from './matching.ts';
import type { SeedRow } from './recommender.ts';
import { ENOUGH_SEEDS, type ListenedTrack, MOST_SEEDS, seedPeriods, weighPlays } from './seeds.ts';

const DAY_MS = 86_400_000;
const WEEK_MS = 7 * DAY_MS;

/** One week of a listener's own history: what was known before it, and what they then listened to. */
export interface HistoryWeek {
  /** The split: all that is asked with ended by then, all that is hidden ended within the seven days after. */
  readonly from: Date;
  /** Days of plays that the seeds are of, as `recommend` would have chosen them; Infinity: all. */
  readonly days: number;
  /** Find all songs of the week; those heard before may come back. */
  readonly all: EvaluationCase;
  /** Find those never heard before; undefined where there was none. Nothing heard before may come back. */
  readonly unheard: EvaluationCase | undefined;
}

export interface HistoryWeeks {
  /** Oldest first. */
  readonly weeks: readonly HistoryWeek[];
  /** Weeks that cannot be asked for, by reason. */
  readonly leftOut: { readonly [reason: string]: number };
}

/**
 * Splits a history by time, 1, 2, … `weeks` weeks before its last listen. Seeds are those that `recommend` would have
 * started from at that moment, of the plays before it alone; `days` is its setting. Songs that the catalogue does not know
 * count among the hidden ones: nobody can find them. Liked songs and top songs are no seeds here, since nobody knows what
 * they were then.
 */
export function splitHistory(
  listens: readonly ListenedTrack[],
  catalogue: Catalogue,
  { weeks, days }: { readonly weeks: number; readonly days: number },
): HistoryWeeks {
  const inOrder = listens.toSorted((a, b) => a.endedAt.getTime() - b.endedAt.getTime());
  const songs = heardSongs(inOrder, catalogue);
  const found: HistoryWeek[] = [];
  const leftOut: Record<string, number> = {};
  const end = inOrder.at(-1)?.endedAt.getTime() ?? 0;
  for (let back = weeks; back >= 1; back--) {
    const week = splitAt(inOrder, songs, catalogue, new Date(end - back * WEEK_MS), days);
    if (typeof week === 'string') leftOut[week] = (leftOut[week] ?? 0) + 1;
    else found.push(week);
  }
  return { weeks: found, leftOut };
}

function splitAt(
  inOrder: readonly ListenedTrack[],
  songs: HeardSongs,
  catalogue: Catalogue,
  from: Date,
  days: number,
): HistoryWeek | string {
  const first = inOrder.findIndex(({ endedAt }) => endedAt > from);
  const until = from.getTime() + WEEK_MS;
  const before = inOrder.slice(0, first);
  const after = inOrder.slice(first).filter(({ endedAt }) => endedAt.getTime() <= until);
  if (before.length === 0) return 'with nothing heard before';
  if (after.length === 0) return 'with nothing heard in them';
  const start = seedsAt(before, catalogue, from, days);
  if (start.seeds.length === 0) return 'with no song to start from that the playlists know';

  const numbers = new Set(before.map((listen) => songs.numberOf(listen)));
  const played = after.map((listen) => songs.numberOf(listen));
  const question = { seeds: start.seeds, history: playedRows(before, songs, from) };
  const fresh = played.filter((song) => !numbers.has(song));
  return {
    from,
    days: start.days,
    all: { ...question, excluded: new Set(), hidden: new Set(played) },
    unheard: fresh.length === 0 ? undefined : { ...question, excluded: songs.rowsOf(before), hidden: new Set(fresh) },
  };
}

/** As src/tasks/recommend-seeds.ts: the plays of the period, or of a longer one where fewer than five of them are known. */
function seedsAt(
  before: readonly ListenedTrack[],
  catalogue: Catalogue,
  now: Date,
  days: number,
): { readonly seeds: SeedRow[]; readonly days: number } {
  let seeds: SeedRow[] = [];
  for (const period of seedPeriods(days)) {
    const { matched } = matchSeeds(weighPlays(before, now, period).slice(0, MOST_SEEDS), catalogue);
    seeds = seedRows(matched);
    if (matched.length >= ENOUGH_SEEDS) return { seeds, days: period };
  }
  return { seeds, days: Number.POSITIVE_INFINITY };
}
