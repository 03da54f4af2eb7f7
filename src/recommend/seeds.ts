import { isListen } from '../music/play.ts';
import { type CatalogueTrack, keyOf } from './catalogue.ts';

const DAY_MS = 86_400_000;

/** Fewer seeds that the model knows, and a longer period or favourites are tried. */
export const ENOUGH_SEEDS = 5;

/** The heaviest are used: each costs a pass over all vectors, and the hundredth hardly moves the result. */
export const MOST_SEEDS = 100;

/** A listen with its track, as seeds need it. */
export interface ListenedTrack extends CatalogueTrack {
  readonly endedAt: Date;
  readonly msPlayed: number | null;
}

/** A track that the listener likes or that Spotify counts among their top tracks; `since` where the date is known. */
export interface FavouriteTrack extends CatalogueTrack {
  readonly since?: Date | undefined;
}

/** A song to start from: one recording, under whichever ids it was played. */
export interface Seed extends CatalogueTrack {
  /** All ids it was played under, the latest first; `id` is the first. */
  readonly ids: readonly string[];
  readonly origin: 'plays' | 'liked' | 'top' | 'playlist';
  readonly weight: number;
  /** Listens in the period; 0 for favourites. */
  readonly plays: number;
  readonly firstPlayedAt: Date;
  readonly lastPlayedAt: Date;
}

/**
 * The recordings listened to in the `days` before `now`, heaviest first (ties: latest, then id). A listen of age a days
 * counts 2^(-a / (days / 2)): half as much in the middle of the period, a quarter at its beginning. A recording weighs
 * log2(1 + sum of its listens), so that one just heard weighs 1, three times 2, seven times 3: repetition tells,
 * a song on repeat does not drown the week.
 */
export function weighPlays(plays: Iterable<ListenedTrack>, now: Date, days: number): Seed[] {
  const start = now.getTime() - days * DAY_MS;
  const recordings = new Map<string, ListenedTrack[]>();
  for (const play of plays) {
    const at = play.endedAt.getTime();
    if (!isListen(play) || at < start || at > now.getTime()) continue;
    const key = keyOf(play);
    const others = recordings.get(key);
    if (others === undefined) recordings.set(key, [play]);
    else others.push(play);
  }
  const halfLife = (days / 2) * DAY_MS;
  return [...recordings.values()]
    .map((heard): Seed => {
      heard.sort((a, b) => b.endedAt.getTime() - a.endedAt.getTime() || (a.id < b.id ? -1 : 1));
      const latest = heard[0]!;
      let sum = 0;
      for (const play of heard) {
        // All of history has no middle; every listen then counts alike.
        const age = now.getTime() - play.endedAt.getTime();
        sum += Number.isFinite(halfLife) ? 2 ** (-age / halfLife) : 1;
      }
      return {
        id: latest.id,
        title: latest.title,
        artists: latest.artists,
        isrc: heard.find((play) => play.isrc !== undefined)?.isrc,
        ids: [...new Set(heard.map((play) => play.id))],
        origin: 'plays',
        weight: Math.log2(1 + sum),
        plays: heard.length,
        firstPlayedAt: heard.at(-1)!.endedAt,
        lastPlayedAt: latest.endedAt,
      };
    })
    .sort(byWeight);
}

/** Liked or top tracks, or those of a playlist, as seeds of equal weight; in the order given. */
export function seedsFromFavourites(
  tracks: readonly FavouriteTrack[],
  origin: Exclude<Seed['origin'], 'plays'>,
  now: Date,
): Seed[] {
  return tracks.map((track) => ({
    id: track.id,
    title: track.title,
    artists: track.artists,
    isrc: track.isrc,
    ids: [track.id],
    origin,
    weight: 1,
    plays: 0,
    firstPlayedAt: track.since ?? now,
    lastPlayedAt: track.since ?? now,
  }));
}

/** The periods tried in turn until enough seeds are found: the one asked for, a month, a season, a year, everything. */
export function seedPeriods(days: number): number[] {
  return [days, ...[30, 90, 365, Number.POSITIVE_INFINITY].filter((longer) => longer > days)];
}

function byWeight(a: Seed, b: Seed): number {
  return b.weight - a.weight || b.lastPlayedAt.getTime() - a.lastPlayedAt.getTime() || (a.id < b.id ? -1 : 1);
}
