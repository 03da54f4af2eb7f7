import type { Catalogue } from './catalogue.ts';
import type { ListeningHistory } from './listening-history.ts';
import { type Matching, matchSeeds } from './matching.ts';
import { isWithin, periodWords, type Span, spanOf } from './period.ts';
import type { Recipe, SeedSource } from './recipe.ts';
import { ENOUGH_SEEDS, MOST_SEEDS, type Seed, seedPeriods, seedsFromFavourites, weighPlays } from './seeds.ts';

const DAY_MS = 86_400_000;

export interface RecipeSeeds {
  readonly matching: Matching;
  /** In words: "plays in the last 7 days and liked songs"; empty where nothing was found. */
  readonly from: string;
}

interface Found {
  readonly seeds: readonly Seed[];
  readonly words: string;
}

export interface SeedContext {
  readonly now: Date;
  readonly timeZone: string;
  /** Days of plays where a recipe leaves them open. */
  readonly days: number;
}

/**
 * The seeds a recipe names, at most 100, heaviest first, and their rows. With `widenSeeds`, where the model knows fewer than five: plays of 30, 90,
 * 365 days, of ever in place of the last days, then liked and top songs as well.
 */
export function recipeSeeds(
  { seeds: sources, widenSeeds }: Pick<Recipe, 'seeds' | 'widenSeeds'>,
  history: ListeningHistory,
  catalogue: Catalogue,
  context: SeedContext,
): RecipeSeeds {
  const recent = sources.find((source) => source.from === 'plays' && daysOf(source, context) !== undefined);
  const days = recent && daysOf(recent, context);
  const tries = days === undefined || !widenSeeds ? [undefined] : [undefined, ...seedPeriods(days).slice(1)];
  let found: Found[] = [];
  let matching: Matching = { matched: [], missing: [] };
  for (const longer of tries) {
    found = sources.map((source) => seedsOf(widened(source, longer, context), history, context));
    matching = match(found, catalogue);
    if (matching.matched.length >= ENOUGH_SEEDS) break;
  }
  if (widenSeeds && matching.matched.length < ENOUGH_SEEDS) {
    found.push(
      { seeds: seedsFromFavourites(history.liked, 'liked', context.now), words: 'liked songs' },
      { seeds: seedsFromFavourites(history.top, 'top', context.now), words: 'top songs' },
    );
    matching = match(found, catalogue);
  }
  const words = new Set(found.filter(({ seeds }) => seeds.length > 0).map((each) => each.words));
  return { matching, from: [...words].join(' and ') };
}

/** Days of a source that speaks of the last days, else undefined. */
function daysOf(source: SeedSource, { days }: SeedContext): number | undefined {
  if (source.from !== 'plays') return undefined;
  return source.period === undefined ? days : source.period.lastDays;
}

function widened(source: SeedSource, longer: number | undefined, context: SeedContext): SeedSource {
  if (source.from !== 'plays' || longer === undefined || daysOf(source, context) === undefined) return source;
  return { ...source, period: Number.isFinite(longer) ? { lastDays: longer } : {} };
}

function seedsOf(source: SeedSource, history: ListeningHistory, context: SeedContext): Found {
  const { now } = context;
  switch (source.from) {
    case 'plays': {
      const period = source.period ?? { lastDays: context.days };
      const span = spanOf(period, context);
      const seeds = weighSpan(history, span).filter(({ plays }) => plays >= source.atLeast);
      const often = source.atLeast > 1 ? ` (at least ${source.atLeast})` : '';
      return { seeds, words: `plays ${periodWords(period)}${often}` };
    }
    case 'liked': {
      const span = source.period && spanOf(source.period, context);
      const liked = history.liked.filter(({ since }) => !span || (since !== undefined && isWithin(since, span)));
      const words = source.period ? `songs liked ${periodWords(source.period)}` : 'liked songs';
      return { seeds: seedsFromFavourites(liked, 'liked', now), words };
    }
    case 'top':
      return { seeds: seedsFromFavourites(history.top, 'top', now), words: 'top songs' };
    case 'playlist': {
      const tracks = history.playlists.get(source.playlist) ?? [];
      return { seeds: seedsFromFavourites(tracks, 'playlist', now), words: `the playlist ${source.playlist}` };
    }
  }
}

/** A listen counts by its age at the end of the span: a year long past has a middle as well. */
function weighSpan({ listens }: ListeningHistory, span: Span): Seed[] {
  const within = listens.filter(({ endedAt }) => isWithin(endedAt, span));
  const days = span.since === null ? Number.POSITIVE_INFINITY : (span.until.getTime() - span.since.getTime()) / DAY_MS;
  return weighPlays(within, span.until, days);
}

/** Of what several sources name the heaviest counts; then by weight, in the order of the sources. */
function match(found: readonly Found[], catalogue: Catalogue): Matching {
  const heaviest = new Map<string, Seed>();
  for (const seed of found.flatMap(({ seeds }) => seeds)) {
    if (seed.weight > (heaviest.get(seed.id)?.weight ?? 0)) heaviest.set(seed.id, seed);
  }
  const seeds = [...heaviest.values()].sort((a, b) => b.weight - a.weight);
  return matchSeeds(seeds.slice(0, MOST_SEEDS), catalogue);
}
